"""Measures a folder that export.py wrote on marked texts, exact spans, as `tacita model eval` does.

    python measure.py FOLDER CORPUS…
"""

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from data import LABELS, Text, columns, records, windows

# Tokens of a window, without the two around it.
WINDOW = 254
# Sentences that make one document where a file doesn't say where one ends.
SENTENCES = 30
# The least score of a name, as the program has it.
THRESHOLD = 0.5

# From the tokens of a text to a score for each label of each.
Model = Callable[[Encoding], np.ndarray]


@dataclass
class Figures:
    marked: Counter = field(default_factory=Counter)
    found: Counter = field(default_factory=Counter)
    right: Counter = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [f"{'':14}{'marked':>8}{'found':>8}{'right':>8}{'precision':>11}{'recall':>8}{'F1':>8}"]
        for name in sorted(self.marked):
            marked, found, right = self.marked[name], self.found[name], self.right[name]
            precision, recall = right / max(found, 1), right / max(marked, 1)
            f1 = 2 * right / max(marked + found, 1)
            lines.append(f"{name:14}{marked:8}{found:8}{right:8}{precision:11.3f}{recall:8.3f}{f1:8.3f}")
        return "\n".join(lines)


def names(text: str, encoding: Encoding, scores: np.ndarray) -> set[tuple[int, int, str]]:
    """The names in a text: a word says what its first token says, and a name goes on only where it has begun."""
    words = [word for word in dict.fromkeys(encoding.word_ids) if word is not None]
    words = [word for word in words if not text[slice(*encoding.word_to_chars(word))].isspace()]
    if not words:
        return set()
    rows = scores[[encoding.word_to_tokens(word)[0] for word in words]]
    shares = np.exp(rows - rows.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)

    found: list[list] = []
    for word, label, share in zip(words, chain(np.log(shares + 1e-30)), shares):
        start, end = encoding.word_to_chars(word)
        part, _, name = LABELS[label].partition("-")
        if not name:
            continue
        own = sum(share[at] for at, other in enumerate(LABELS) if other.endswith("-" + name))
        if part == "I":
            found[-1][1] = end
            found[-1][3].append(own)
        else:
            found.append([start, end, name, [own]])
    return {(start, end, name) for start, end, name, shares in found if np.mean(shares) >= THRESHOLD}


ALLOWED = np.array([[next[0] != "I" or last[1:] == next[1:] and last != "O" for next in LABELS] for last in LABELS])


def chain(scores: np.ndarray) -> list[int]:
    """The best labels of which each may follow the one before it (Viterbi)."""
    best, before = np.where(ALLOWED[0], scores[0], -np.inf), []
    for row in scores[1:]:
        steps = np.where(ALLOWED, best[:, None], -np.inf)
        before.append(steps.argmax(0))
        best = steps.max(0) + row
    labels = [int(best.argmax())]
    for steps in reversed(before):
        labels.append(int(steps[labels[-1]]))
    return labels[::-1]


def texts(file: Path, tokenizer: Tokenizer) -> list[Text]:
    documents = records(file) if file.suffix == ".jsonl" else columns(file)
    if file.suffix != ".jsonl" and all(len(document) == 1 for document in documents):
        sentences = [document[0] for document in documents]
        documents = [sentences[at : at + SENTENCES] for at in range(0, len(sentences), SENTENCES)]
    tokens = lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
    return [window for document in documents for window in windows(document, tokens, WINDOW)]


def measure(model: Model, tokenizer: Tokenizer, file: Path) -> Figures:
    figures = Figures()
    for text in texts(file, tokenizer):
        encoding = tokenizer.encode(text.text)
        found = names(text.text, encoding, model(encoding))
        marked = set(text.spans)
        for counter, spans in ((figures.marked, marked), (figures.found, found), (figures.right, marked & found)):
            counter.update(name for _, _, name in spans)
            counter["all"] += len(spans)
    return figures


def onnx(folder: Path) -> Model:
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    wanted = {one.name for one in session.get_inputs()}

    def run(encoding: Encoding) -> np.ndarray:
        given = {
            "input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids
        }
        return session.run(["logits"], {name: np.array([row]) for name, row in given.items() if name in wanted})[0][0]

    return run


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("corpus", type=Path, nargs="+")
    given = arguments.parse_args()
    model, tokenizer = onnx(given.folder), Tokenizer.from_file(str(given.folder / "tokenizer.json"))
    for corpus in given.corpus:
        print(corpus.name, measure(model, tokenizer, corpus), sep="\n")


if __name__ == "__main__":
    main()
