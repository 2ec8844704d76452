"""Marked texts: how they are read, what they train, how a model is measured with them."""

import json
from dataclasses import dataclass, field
from pathlib import Path

# What the corpora call the types that we have; any other type is no name.
TYPES = {
    "PER": "PERSON", "person": "PERSON", "PERSON": "PERSON", "PERSON_NAME": "PERSON",
    "LOC": "LOCATION", "location": "LOCATION", "LOCATION": "LOCATION", "LOCATION_NAME": "LOCATION",
    "ORG": "ORGANIZATION", "corporation": "ORGANIZATION", "group": "ORGANIZATION", "ORGANIZATION": "ORGANIZATION",
    "ORGANIZATION_NAME": "ORGANIZATION",
}
LABELS = ["O"] + [f"{part}-{name}" for name in ("PERSON", "LOCATION", "ORGANIZATION") for part in "BI"]


@dataclass
class Text:
    """A text and the names in it: start, end (in code points), type. What lies in `unsure` teaches nothing."""

    text: str = ""
    spans: list[tuple[int, int, str]] = field(default_factory=list)
    unsure: list[tuple[int, int]] = field(default_factory=list)

    def add(self, other: "Text") -> None:
        shift = len(self.text)
        self.text += other.text
        self.spans += [(start + shift, end + shift, name) for start, end, name in other.spans]
        self.unsure += [(start + shift, end + shift) for start, end in other.unsure]


def columns(file: Path, links: bool = True) -> list[list[Text]]:
    """Documents of sentences from CoNLL or Universal NER; where a file tells no documents apart, each sentence is one.

    Read as `tacita model eval` reads them: tokens joined with spaces, and the handle of an account is no name.
    Without `links` these are left out: they are long and teach little.
    """
    documents: list[list[Text]] = []
    lines = file.read_text(encoding="utf-8").split("\n")
    told = any(line.startswith("# newdoc") for line in lines)
    sentence: list[tuple[str, str]] = []
    for line in [*lines, ""]:
        if line.startswith("# newdoc"):
            documents.append([])
        elif line.startswith("# ") and "=" in line:
            continue
        elif line.strip():
            fields = line.split("\t") if told else line.split()
            if len(fields) > 1 and not fields[0].isspace() and (links or not fields[0].startswith("http")):
                sentence.append((fields[1], fields[2]) if told else (fields[0], fields[-1]))
        elif sentence:
            if not told:
                documents.append([])
            documents[-1].append(joined(sentence))
            sentence = []
    return documents


def joined(sentence: list[tuple[str, str]]) -> Text:
    text, open_type, behind_at = Text(), None, False
    for token, label in sentence:
        start = len(text.text)
        text.text += token + " "
        end = start + len(token)
        handle, behind_at = behind_at or token.startswith("@"), token == "@"
        part, _, name = label.partition("-") if not handle else ("O", "", "")
        if part == "I" and name == open_type:
            text.spans[-1] = (text.spans[-1][0], end, text.spans[-1][2])
        elif name:
            text.spans.append((start, end, name))
        if token.startswith("#") and len(token) > 1:
            text.unsure.append((start, end))
        open_type = name or None
    text.text = text.text[:-1] + "\n"
    text.spans = [(start, end, TYPES[name]) for start, end, name in text.spans if name in TYPES]
    return text


def records(file: Path) -> list[list[Text]]:
    """Documents of lines from JSON lines."""
    documents = []
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        spans = [(start, end, TYPES[name]) for start, end, name in record["spans"] if name in TYPES]
        parts, start = [], 0
        for part in record["text"].split("\n"):
            end = start + len(part)
            inside = [(a - start, b - start, name) for a, b, name in spans if start <= a and b <= end]
            if part.strip():
                parts.append(Text(part + "\n", inside))
            start = end + 1
        documents.append(parts)
    return documents


def together(sentences: list[Text], least: int) -> list[Text]:
    """Sentences that follow each other, joined until a text has so many characters."""
    texts: list[Text] = []
    for sentence in sentences:
        if not texts or len(texts[-1].text) >= least:
            texts.append(Text())
        texts[-1].add(sentence)
    return texts


def windows(sentences: list[Text], tokens_of, most: int) -> list[Text]:
    """Sentences that follow each other, joined as long as a text has at most so many tokens."""
    texts, size = [], 0
    for sentence in sentences:
        own = tokens_of(sentence.text)
        if not texts or size + own > most:
            texts.append(Text())
            size = 0
        texts[-1].add(sentence)
        size += own
    return texts
