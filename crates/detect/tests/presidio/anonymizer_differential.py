"""Compares our anonymizer with presidio-anonymizer on random requests, good and bad. Run by hand:

    pip install presidio-anonymizer==2.2.366
    python crates/detect/tests/presidio/anonymizer_differential.py [requests] [seed]
"""

import copy
import json
import random
import subprocess
import sys

from presidio_anonymizer import AnonymizerEngine, DeanonymizeEngine
from presidio_anonymizer.entities import InvalidParamError
from presidio_anonymizer.services.app_entities_convertor import AppEntitiesConvertor

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
# Values are drawn now and then where they don't belong.
ANY = [None, True, False, 0, 1, -1, 2, 0.0, 1.5, "", "x", "xy", "3", [], ["a"], {}, {"a": 1}]
TYPES = ["PERSON", "PHONE_NUMBER", "DATE_TIME"]
TEXTS = ["", "Mara", "Mara and Joren", "Zoë, 漢字  漢字 \n 😀 and more", "a  \nb \nc\n d   e", "x" * 40]
KEYS = ["k" * 16, "ö" * 8, "k" * 24, "k" * 32, "k" * 64, "short", ""]
anonymizer, deanonymizer = AnonymizerEngine(), DeanonymizeEngine()


def presidio(path, body):
    """What Presidio's server answers, without the server."""
    body = copy.deepcopy(body)
    try:
        if not body:
            return 400, {"error": "Invalid request json"}
        if path == "/anonymize":
            operators = AppEntitiesConvertor.operators_config_from_json(body.get("anonymizers"))
            if AppEntitiesConvertor.check_custom_operator(operators):
                return 400, {"error": "Custom type anonymizer is not supported"}
            results = AppEntitiesConvertor.analyzer_results_from_json(body.get("analyzer_results"))
            answer = anonymizer.anonymize(body.get("text", ""), results, operators)
        else:
            results = AppEntitiesConvertor.deanonymize_entities_from_json(body)
            operators = AppEntitiesConvertor.operators_config_from_json(body.get("deanonymizers"))
            answer = deanonymizer.deanonymize(body.get("text", ""), results, operators)
        return 200, json.loads(answer.to_json())
    except InvalidParamError as error:
        return 422, {"error": error.err_msg}
    except Exception:  # noqa: BLE001 - the server catches everything too
        return 500, {"error": "Internal server error"}


def maybe(rng, share, value):
    """The value, or now and then any other."""
    return rng.choice(ANY) if rng.random() < share else value


def config(rng, bad, names):
    operator = {"type": maybe(rng, bad, rng.choice(names))}
    drawn = {
        "new_value": rng.choice(["new", "", "ü", None]),
        "masking_char": rng.choice(["*", "#", "漢", "", "**"]),
        "chars_to_mask": rng.choice([0, 1, 3, 99, -2]),
        "from_end": rng.random() < 0.5,
        "hash_type": rng.choice(["sha256", "sha512", "md5"]),
        "salt": rng.choice(["sixteen bytes or more", "ö" * 8, "short", ""]),
        "key": rng.choice(KEYS),
    }
    for name, value in drawn.items():
        if rng.random() < 0.85:
            operator[name] = maybe(rng, bad, value)
    return operator


def entity(rng, bad, length):
    start = rng.randint(0, length + (rng.random() < bad))
    end = rng.randint(start, max(start, length + (rng.random() < bad)))
    if rng.random() < bad:
        start, end = end, start
    drawn = {
        "entity_type": rng.choice(TYPES),
        "start": start,
        "end": end,
        "score": rng.choice([0.1, 0.5, 0.5, 0.85, 1, 1.0]),
    }
    drawn = {name: maybe(rng, bad, value) for name, value in drawn.items() if rng.random() >= bad}
    # Not compared: types that are no text and scores that are no number, which Presidio takes and we refuse; and
    # positions that are false but no integer, or true or false, where we may name another of several mistakes.
    if not isinstance(drawn.get("entity_type", ""), str):
        drawn["entity_type"] = None
    if type(drawn.get("score")) not in (int, float):
        drawn["score"] = None
    for name in ("start", "end"):
        if type(drawn.get(name)) is bool or (drawn.get(name) is not None and not drawn[name]):
            drawn[name] = 0
    return drawn


def request(rng):
    bad = rng.choice([0, 0, 0.05, 0.2])
    text = rng.choice(TEXTS)
    path = rng.choice(["/anonymize", "/anonymize", "/anonymize", "/deanonymize"])
    names = ["replace", "redact", "mask", "hash", "encrypt", "keep", "replace", "mask", "custom", "none"]
    if path == "/deanonymize":
        names = ["decrypt", "deanonymize_keep", "none"]
        if rng.random() < 0.7:
            key = rng.choice(KEYS[:4])
            sealed = anonymizer.anonymize(
                text,
                AppEntitiesConvertor.analyzer_results_from_json(
                    [{"entity_type": "PERSON", "start": 0, "end": len(text), "score": 1}]
                ),
                AppEntitiesConvertor.operators_config_from_json({"DEFAULT": {"type": "encrypt", "key": key}}),
            ).text
            sealed = rng.choice([sealed, sealed, sealed.rstrip("="), sealed[:-5], sealed + "é", sealed.replace("_", "/")])
            body = {
                "text": sealed,
                "anonymizer_results": [{"entity_type": "PERSON", "start": 0, "end": len(sealed), "score": "0.5"}],
                "deanonymizers": {"DEFAULT": {"type": "decrypt", "key": key}},
            }
            return {"path": path, "body": body}
    entities = [entity(rng, bad, len(text)) for _ in range(rng.randint(0, 6))]
    chosen = rng.sample([*TYPES, "DEFAULT"], rng.randint(0, 4))
    configs = {name: config(rng, bad, names) for name in chosen}
    spelled = ("analyzer_results", "anonymizers") if path == "/anonymize" else ("anonymizer_results", "deanonymizers")
    if rng.random() < bad / 4:
        text = rng.choice([None, 1, True])
    drawn = {spelled[0]: entities, spelled[1]: configs}
    body = {name: maybe(rng, bad / 4, value) for name, value in drawn.items() if rng.random() >= bad / 4}
    return {"path": path, "body": {"text": text, **body}}


def shape(answer):
    """Without what random salts and initialisation vectors make different."""
    status, body = answer
    items = body.get("items") if status == 200 else None
    if not items or not any(item["operator"] in ("hash", "encrypt") for item in items):
        return answer
    for item in items:
        if item["operator"] in ("hash", "encrypt"):
            item["text"] = len(item["text"])
    return status, {"text": len(body["text"]), "items": items}


def main():
    rng = random.Random(SEED)
    requests = [request(rng) for _ in range(COUNT)]
    command = ["cargo", "run", "-q", "-p", "tacita-detect", "--example", "anonymizer"]
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    ours = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    differences, statuses = 0, {}
    for asked, line in zip(requests, ours, strict=True):
        our = json.loads(line)
        theirs = presidio(asked["path"], asked["body"])
        statuses[theirs[0]] = statuses.get(theirs[0], 0) + 1
        salted = json.dumps(asked).count('"salt"')
        left, right = (our["status"], our["body"]), theirs
        if not (salted and left == right):
            left, right = shape(left), shape(right)
        if left != right:
            differences += 1
            if differences <= 10:
                print(json.dumps(asked, ensure_ascii=False), "\n  ours  ", left, "\n  theirs", right)
    print(f"{COUNT - differences} of {COUNT} agree; statuses {statuses}")
    sys.exit(differences > 0)


main()
