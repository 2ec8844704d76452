"""Gives a model without capitals capitals, since a name is known by them.

Every common word gets a second token with a first capital, and some a third in capitals throughout. Their vectors are
those of the words in small letters plus one vector for each of the two ways to write, and these two are what is learnt.
`settled` adds them up, so that what is written is a plain BERT.
"""

import copy
import json

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedModel

# The vocabulary is sorted by how common a token is; only the commoner ones are written in capitals throughout.
SHOUTED = 12_000
MARK = "##"


class Shifted(torch.nn.Module):
    """The vectors of tokens, by their small letters and how they are written."""

    def __init__(self, words: torch.nn.Embedding, small: list[int], written: list[int]):
        super().__init__()
        self.words = words
        self.shift = torch.nn.Embedding(3, words.embedding_dim)
        torch.nn.init.normal_(self.shift.weight, std=0.01)
        self.register_buffer("small", torch.tensor(small), persistent=False)
        self.register_buffer("written", torch.tensor(written), persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        way = self.written[ids]
        return self.words(self.small[ids]) + self.shift(way) * (way > 0).unsqueeze(-1)


def teach(tokenizer: Tokenizer, model: PreTrainedModel) -> Tokenizer:
    """The tokenizer with capitals; the model learns the same tokens."""
    state = json.loads(tokenizer.to_str())
    vocabulary: dict[str, int] = state["model"]["vocab"]
    small = sorted(vocabulary.values())
    written = [0] * len(small)

    def add(token: str, at: int, way: int) -> None:
        if token not in vocabulary:
            vocabulary[token] = len(small)
            small.append(at)
            written.append(way)

    for token, at in list(vocabulary.items()):
        letters = token.removeprefix(MARK)
        if not letters.isalpha() or len(letters.upper()) != len(letters):
            continue
        if not token.startswith(MARK):
            add(letters.capitalize(), at, 1)
        if at < SHOUTED or len(letters) < 4:
            add(token.replace(letters, letters.upper()), at, 2)
    for normalizer in state["normalizer"]["normalizers"]:
        if normalizer["type"] == "BertNormalizer":
            normalizer |= {"lowercase": False, "strip_accents": True}
    embeddings = model.bert.embeddings
    embeddings.word_embeddings = Shifted(embeddings.word_embeddings, small, written)
    model.config.vocab_size = len(small)
    return Tokenizer.from_str(json.dumps(state))


def settled(model: PreTrainedModel) -> PreTrainedModel:
    """A copy in which the vectors that are added up are replaced by their sums."""
    model = copy.deepcopy(model)
    shifted = model.bert.embeddings.word_embeddings
    if isinstance(shifted, Shifted):
        with torch.no_grad():
            vectors = shifted(torch.arange(len(shifted.small)))
        model.bert.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(
            vectors, padding_idx=model.config.pad_token_id
        )
    return model
