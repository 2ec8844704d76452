"""Compares our analyzer with presidio-analyzer on random texts. Run by hand:

    pip install presidio-analyzer==2.2.366
    python crates/detect/tests/presidio/analyzer_differential.py [texts per recogniser] [seed]

Texts are drawn from Presidio's own patterns, then mutated, so that most are almost right. Each goes through one
recogniser, and some through the whole analyzer, whose words come from spaCy's tokenizer without a model.
"""

import inspect
import json
import logging
import random
import re
import re._constants as kinds
import re._parser as parser
import subprocess
import sys

import presidio_analyzer.predefined_recognizers as predefined
import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200
RNG = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
MODELS = {"SpacyRecognizer", "StanzaRecognizer", "TransformersRecognizer"}
BETWEEN = ["", " ", "-", ".", ",", "/", "\n", "_", "a", "1", "(", '"', "'", ":", "é", " - ", ", ", "  ", "#"]
ODD = "0189AFGXZabfz -./:_()@#\"'\nıİſKßé中٣९+%?=&"
PHONES = ["+1 212-555-0134", "020 7946 0958", "082 123 4567", "011 555 1234", "(415) 555-2671", "+49 30 123456"]
WORDS = "the my is: of No. id: a, and (see) new account # - was for 10am don't public US licence-plate".split()
logging.disable(logging.CRITICAL)


def recognizers():
    """All that need no model, by class."""
    found = {}
    for name, kind in inspect.getmembers(predefined, inspect.isclass):
        try:
            found[name] = kind() if name not in MODELS else None
        except Exception:  # noqa: BLE001 - needs a package or a service
            continue
    return {name: recognizer for name, recognizer in found.items() if recognizer}


class Words(NlpEngine):
    """Tokens are their own base forms."""

    language = spacy.blank("en")

    def load(self):
        pass

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        tokens = self.language(text)
        return NlpArtifacts([], tokens, [t.idx for t in tokens], [t.text for t in tokens], self, language)

    def process_batch(self, texts, language, **_):
        raise NotImplementedError

    def is_stopword(self, word, language):
        return self.language.vocab[word].is_stop

    def is_punct(self, word, language):
        return self.language.vocab[word].is_punct

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return ["en"]


class Registry(RecognizerRegistry):
    def add_nlp_recognizer(self, nlp_engine):
        pass


def draw(items):
    """A text that the parsed pattern might match; what it looks around for is drawn where it stands before."""
    return "".join(one(kind, value) for kind, value in items)


def one(kind, value):
    if kind == kinds.LITERAL:
        return chr(value)
    if kind == kinds.IN:
        return one(*RNG.choice(value))
    if kind == kinds.RANGE:
        return chr(RNG.randint(*value))
    if kind == kinds.CATEGORY:
        digits, spaces = value == kinds.CATEGORY_DIGIT, value == kinds.CATEGORY_SPACE
        return RNG.choice("0123456789" if digits else "  \n\t" if spaces else "abXY09_é")
    if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
        low, high, inner = value
        return "".join(draw(inner) for _ in range(RNG.randint(low, min(int(high), low + 12))))
    if kind == kinds.SUBPATTERN:
        return draw(value[3])
    if kind == kinds.BRANCH:
        return draw(RNG.choice(value[1]))
    if kind == kinds.ASSERT and value[0] < 0:
        return draw(value[1])
    return RNG.choice("-: ") if kind in (kinds.GROUPREF, kinds.NEGATE, kinds.NOT_LITERAL, kinds.ANY) else ""


def mutated(text):
    for _ in range(RNG.choice([0, 0, 1, 1, 2, 3])):
        at = RNG.randrange(len(text) + 1)
        cut = RNG.choice([0, 1, 1])
        put = RNG.choice(["", RNG.choice(ODD), RNG.choice("0123456789"), RNG.choice("ABCDEFXYZabcdefxyz")])
        text = text[:at] + put + text[at + cut :]
    return text if RNG.random() < 0.9 else text.swapcase()


def candidate(recognizer):
    patterns = getattr(recognizer, "patterns", [])
    if not patterns:
        return mutated(RNG.choice(PHONES))
    regex = RNG.choice(patterns).regex.replace("(?i)", "")
    # Python's own parser wants look-behind of one length.
    return mutated(draw(parser.parse(re.sub(r"^\(\?<=", "(?:", regex))))


def text_of(recognizer):
    parts = [RNG.choice(BETWEEN) + candidate(recognizer) for _ in range(RNG.choice([1, 1, 2, 3]))]
    return "".join(parts) + RNG.choice(BETWEEN)


def sentence(chosen, context):
    words = [RNG.choice([RNG.choice(WORDS), RNG.choice(context)]) for _ in range(RNG.randint(0, 12))]
    glue = [word + RNG.choice([" ", " ", ": ", "\n", "  ", "/"]) for word in words]
    return "".join(glue) + text_of(RNG.choice(chosen))


def shape(results):
    """What must agree: place, type, score, and the explanation but for the pattern's text."""
    fields = ("original_score", "score_context_improvement", "supportive_context_word", "validation_result")
    return [
        (r["entity_type"], r["start"], r["end"], r["score"], *(r["analysis_explanation"][f] for f in fields))
        for r in (result if isinstance(result, dict) else plain(result) for result in results)
    ]


def plain(result):
    return {**result.to_dict(), "analysis_explanation": result.analysis_explanation.to_dict()}


def main():
    known = recognizers()
    asked, expected = [], []
    for name, recognizer in known.items():
        for _ in range(COUNT):
            text = text_of(recognizer)
            try:
                results = recognizer.analyze(text, recognizer.supported_entities)
            except (ValueError, KeyError):  # some validators fail on digits of other scripts
                continue
            asked.append({"recognizer": name, "text": text})
            expected.append(sorted(shape(results or []), key=str))

    registry = Registry()
    registry.load_predefined_recognizers(nlp_engine=Words())
    engine = AnalyzerEngine(registry=registry, nlp_engine=Words(), supported_languages=["en"])
    # Without a model Presidio keeps plurals.
    words = {word for recognizer in registry.recognizers for word in recognizer.context or []}
    context = sorted(word for word in words if not word.endswith("s"))
    for _ in range(5 * COUNT):
        request = {"text": sentence(registry.recognizers, context), "return_decision_process": True}
        asked.append({"language": "en", **request})
        expected.append(shape(engine.analyze(language="en", **request)))

    command = ["cargo", "run", "-q", "-p", "tacita-detect", "--example", "presidio_analyzer"]
    lines = "".join(json.dumps(request) + "\n" for request in asked)
    ours = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    differences = 0
    for request, theirs, line in zip(asked, expected, ours, strict=True):
        our = shape(json.loads(line))
        our = sorted(our, key=str) if "recognizer" in request else our
        if our != theirs:
            differences += 1
            if differences <= 10:
                print(json.dumps(request, ensure_ascii=False), "\n  ours  ", our, "\n  theirs", theirs)
    print(f"{len(asked) - differences} of {len(asked)} agree; {sum(map(bool, expected))} find something")
    sys.exit(differences > 0)


main()
