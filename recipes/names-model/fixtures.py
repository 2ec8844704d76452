"""Writes the tiny models that the tests of crates/language read: one folder per family, with random weights.

    python fixtures.py ../../crates/language/tests/models

Each has the three files that Tacita reads, and expected.json: what this tokenizer and this model say of a few texts.
The same versions (requirements.txt) give the same bytes.
"""

import argparse
import json
import re
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AutoModelForTokenClassification, BertConfig, DebertaV2Config, ModernBertConfig, PretrainedConfig, XLMRobertaConfig,
)

from export import inputs_of, write

VOCABULARY = 320
# Weights so wide that the tokens of a text get different labels.
SIZES = dict(
    hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, initializer_range=0.4,
    vocab_size=VOCABULARY, attn_implementation="eager",
)
LONG = ["O", "B-PERSON", "I-PERSON", "B-LOCATION", "I-LOCATION", "B-ORGANIZATION", "I-ORGANIZATION"]
SHORT = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]

# What the tokenizers learn from.
SENTENCES = [
    "Tilda Marrow wrote to Anselm Okoro about the lease in Brackwater.",
    "Please send the contract to Zoë Lindqvist at Harbour & Finch Ltd. before Monday.",
    "Our colleague Jürgen Weißkopf moved from Köln to Århus last year.",
    "The nurse told Mrs. Devi that her son Arjun would be discharged in the morning.",
    "Le docteur Éloïse Béranger travaille à la clinique de Saint-Orphée.",
    "El señor Íñigo Peñalba vive en Málaga con su hija Begoña.",
    "Nobody at Silver Lantern Records remembered the meeting with Chioma Eze.",
    "Thanks again, and see you in Oslo. Best regards, Ola",
]
# What the models are asked: accents, emoji that are one sign of several code points, other scripts, white space, nothing.
TEXTS = [
    "Tilda Marrow lives in Oslo.",
    "Zoë Lindqvist and Jürgen Weißkopf met in Århus 🙂 yesterday",
    "👩‍👩‍👧 Íñigo  Peñalba,\n\tMÁLAGA — 12:30",
    "Zoe\u0308 wrote to 渡辺さくら, Ольга Лунная and Nguyễn Ánh",
    "unbelievableword@example.org x",
    "",
]


def framed(tokenizer: Tokenizer, first: str, last: str) -> Tokenizer:
    """With the tokens that stand around each text."""
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (first, last)],
    )
    return tokenizer


def vocabulary(whole: str, inside: str) -> list[str]:
    """Tokens in an order that is always the same, which trainers don't promise for what is equally common: every letter
    that the sentences have, most words, and their ends. `whole` marks how a word begins, `inside` how it goes on.
    """
    words = list(dict.fromkeys(re.findall(r"\w+", " ".join(SENTENCES))))
    letters = sorted(set("".join(SENTENCES)) - {" "})
    tokens = [mark + letter for mark in dict.fromkeys([whole, inside]) for letter in letters]
    # Every third word is left out, so that some are made of parts.
    tokens += [whole + word for at, word in enumerate(words) if at % 3]
    tokens += [inside + word[-3:] for word in words if len(word) > 5]
    return list(dict.fromkeys(tokens))[:VOCABULARY]


def wordpiece() -> Tokenizer:
    """BERT's, without capitals and accents."""
    normalizer = normalizers.BertNormalizer(lowercase=True)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens = special + [normalizer.normalize_str(token) for token in vocabulary("", "##")]
    tokens = list(dict.fromkeys(tokens))
    tokenizer = Tokenizer(models.WordPiece({token: at for at, token in enumerate(tokens)}, unk_token="[UNK]"))
    tokenizer.add_special_tokens(special)
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return framed(tokenizer, "[CLS]", "[SEP]")


def metaspace(special: list[str], unknown: str, split: bool) -> Tokenizer:
    """SentencePiece's. DeBERTa's spaces belong to the token behind them; XLM-RoBERTa splits at them before."""
    tokens = [*special, "▁", *vocabulary("▁", "")]
    # The longer, the likelier: a word is better than its letters.
    scores = [(token, 0.0 if token in special else len(token) - 12.0) for token in dict.fromkeys(tokens)]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=special.index(unknown), byte_fallback=False))
    tokenizer.add_special_tokens(special)
    tokenizer.normalizer = normalizers.NFKC()
    space = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), space]) if split else space
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    return tokenizer


def deberta_tokenizer() -> Tokenizer:
    return framed(metaspace(["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"], "[UNK]", split=False), "[CLS]", "[SEP]")


def xlm_roberta_tokenizer() -> Tokenizer:
    return framed(metaspace(["<s>", "<pad>", "</s>", "<unk>", "<mask>"], "<unk>", split=True), "<s>", "</s>")


def byte_level() -> Tokenizer:
    """ModernBERT's: a letter of several bytes may be several tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return framed(tokenizer, "[CLS]", "[SEP]")


def families() -> dict[str, tuple[PretrainedConfig, Tokenizer, list[str]]]:
    """Sizes are small, but each family keeps what sets it apart."""
    bert = BertConfig(**SIZES, max_position_embeddings=64)
    deberta = DebertaV2Config(
        **SIZES | {"num_hidden_layers": 1}, max_position_embeddings=64, type_vocab_size=0, relative_attention=True,
        position_buckets=8, pos_att_type=["p2c", "c2p"], norm_rel_ebd="layer_norm", share_att_key=True,
        position_biased_input=False,
    )
    xlm_roberta = XLMRobertaConfig(
        **SIZES, max_position_embeddings=66, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2
    )
    modernbert = ModernBertConfig(
        **SIZES | {"intermediate_size": 24}, max_position_embeddings=96, local_attention=8, global_attn_every_n_layers=2,
        pad_token_id=0, bos_token_id=2, cls_token_id=2, eos_token_id=3, sep_token_id=3, reference_compile=False,
    )
    return {
        "bert": (bert, wordpiece(), LONG),
        "deberta": (deberta, deberta_tokenizer(), SHORT),
        "xlm-roberta": (xlm_roberta, xlm_roberta_tokenizer(), SHORT),
        "modernbert": (modernbert, byte_level(), LONG),
    }


def expected(model: torch.nn.Module, tokenizer: Tokenizer, text: str) -> dict:
    """What tokenizer and model say of a text; places in code points and in bytes of UTF-8."""
    encoding = tokenizer.encode(text)
    given = {"input_ids": torch.tensor([encoding.ids]), "attention_mask": torch.ones(1, len(encoding.ids)).long()}
    with torch.no_grad():
        logits = model(**given).logits[0]
    in_bytes = lambda at: len(text[:at].encode())
    return {
        "text": text,
        "ids": encoding.ids,
        "tokens": encoding.tokens,
        "characters": encoding.offsets,
        "bytes": [(in_bytes(start), in_bytes(end)) for start, end in encoding.offsets],
        "logits": [[round(value, 6) for value in row] for row in logits.tolist()],
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    folder = arguments.parse_args().folder
    for name, (config, tokenizer, labels) in families().items():
        config.vocab_size = tokenizer.get_vocab_size()
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: at for at, label in enumerate(labels)}
        torch.manual_seed(len(name))
        model = AutoModelForTokenClassification.from_config(config, attn_implementation="eager").eval()
        write(model, tokenizer, folder / name)
        cases = [expected(model, tokenizer, text) for text in TEXTS]
        document = {"inputs": inputs_of(model), "cases": cases}
        (folder / name / "expected.json").write_text(json.dumps(document, ensure_ascii=False) + "\n")
        print(name, (folder / name / "model.onnx").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
