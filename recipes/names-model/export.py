"""Writes a token classifier as the folder that Tacita reads: config.json, tokenizer.json, model.onnx.

    python export.py CHECKPOINT FOLDER

CHECKPOINT is a folder that `save_pretrained` of transformers wrote, such as that of train.py.
"""

import argparse
import io
from pathlib import Path

import onnx
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForTokenClassification, PreTrainedModel

OPSET = 17


class Logits(torch.nn.Module):
    """The model with inputs by place and one output, as ONNX has them."""

    def __init__(self, model: PreTrainedModel, names: list[str]):
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.model(**dict(zip(self.names, inputs)), return_dict=False)[0]


def inputs_of(model: PreTrainedModel) -> list[str]:
    """What the model wants to be told: one that knows no types of tokens isn't given any."""
    names = ["input_ids", "attention_mask"]
    return names + ["token_type_ids"] * (getattr(model.config, "type_vocab_size", 0) > 1)


def to_onnx(model: PreTrainedModel) -> bytes:
    """The model in ONNX, fp32, for any number of texts of any length."""
    names = inputs_of(model)
    # Two texts of different length, so that nothing about either axis or the mask becomes a constant.
    pad = model.config.pad_token_id
    ids = torch.tensor([[5, 6, 7, 8, 9, 10, 11], [5, 6, 7, 8, pad, pad, pad]])
    mask = (ids != pad).long()
    example = (ids, mask, torch.zeros_like(ids))[: len(names)]
    axes = {name: {0: "batch", 1: "sequence"} for name in [*names, "logits"]}
    file = io.BytesIO()
    torch.onnx.export(
        Logits(model, names).eval(), example, file, dynamo=False, opset_version=OPSET,
        input_names=names, output_names=["logits"], dynamic_axes=axes,
    )
    graph = onnx.load_from_string(file.getvalue())
    onnx.checker.check_model(graph, full_check=True)
    return graph.SerializeToString()


def plain(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer without a limit of its own: Tacita cuts long texts into windows and fills up batches itself."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def write(model: PreTrainedModel, tokenizer: Tokenizer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    model.config.to_json_file(folder / "config.json")
    plain(tokenizer).save(str(folder / "tokenizer.json"))
    (folder / "model.onnx").write_bytes(to_onnx(model))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("folder", type=Path)
    given = arguments.parse_args()
    write(
        AutoModelForTokenClassification.from_pretrained(given.checkpoint, attn_implementation="eager"),
        Tokenizer.from_file(str(given.checkpoint / "tokenizer.json")),
        given.folder,
    )
