"""Twenty guardrails of fifty cohorts each with which nothing is wrong: scores are calibrated, a fifth or more of them labelled."""

import math
import random

GUARDRAILS = 20
COHORTS = 50
PERIOD = 4          # Seconds from one event of a guardrail to its next.
THRESHOLD = 0.8
LABEL_DELAY = 300   # Seconds.
START = 1767225600  # 2026-01-01T00:00:00Z.


def write(folder, seed, hours, labelled=0.2):
    """One file of events and one of labels, as recorded logs."""
    draw = random.Random(seed)
    folder.mkdir()
    names = [f"guardrail-{i + 1}" for i in range(GUARDRAILS)]
    centres = [-3 + 0.1 * i for i in range(GUARDRAILS)]  # Of the log-odds: guardrails are not alike.
    with (open(folder / "guardrail.events-0.ndjson", "w") as events,
          open(folder / "guardrail.labels-0.ndjson", "w") as labels):
        for step in range(hours * 3600 // PERIOD):
            for i, name in enumerate(names):
                request = f"{step}-{i}"
                at = START + PERIOD * (step + i / GUARDRAILS)
                score = 1 / (1 + math.exp(-draw.gauss(centres[i], 2)))
                events.write(
                    f'{{"kind":"combined","request_id":"{request}","time":{at:.3f},"guardrail":"{name}",'
                    f'"score":{score:.6f},"threshold":{THRESHOLD},"model_version":"v1",'
                    f'"verdict":"{"flag" if score >= THRESHOLD else "allow"}",'
                    f'"cohort":{{"lang":"c{draw.randrange(COHORTS)}"}}}}\n')
                if draw.random() < labelled:
                    labels.write(
                        f'{{"kind":"label","request_id":"{request}","time":{at + LABEL_DELAY:.3f},'
                        f'"guardrail":"{name}","label":{"true" if draw.random() < score else "false"}}}\n')
