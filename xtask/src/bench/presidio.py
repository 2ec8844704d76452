"""Runs presidio-analyzer, patterns only, over JSON lines with a `text`.

Writes the spans of each line, then one line with the seconds that it took.
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import spacy  # noqa: E402
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: E402
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine  # noqa: E402


class Tokens(NlpEngine):
    """Tokens and lower-case lemmas without a model, so that context words still count."""

    def __init__(self):
        self.blank = spacy.blank("en")
        self.blank.max_length = 10**9

    def load(self):
        pass

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        doc = self.blank(text)
        words = [token.text.lower() for token in doc]
        return NlpArtifacts([], doc, [token.idx for token in doc], words, self, language)

    def process_batch(self, texts, language, **kwargs):
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word, language):
        return self.blank.vocab[word].is_stop

    def is_punct(self, word, language):
        return self.blank.vocab[word].is_punct

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return ["en"]


engine = Tokens()
registry = RecognizerRegistry()
registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
registry.recognizers = [r for r in registry.recognizers if type(r).__name__ != "SpacyRecognizer"]
analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
texts = [json.loads(line)["text"] for line in sys.stdin]
analyzer.analyze("warm up", "en")
start = time.perf_counter()
found = [analyzer.analyze(text, "en", score_threshold=float(sys.argv[1])) for text in texts]
seconds = time.perf_counter() - start
for results in found:
    print(json.dumps([[r.start, r.end, r.entity_type] for r in results]))
print(json.dumps(seconds))
