"""Aims of the engine: the fastest opponent counts, and a missed aim names what is in the way."""

from instrdiv.bench.aims import aims_table


def report(tuned, to_90=()):
    def timing(other, ratio, size="laptop"):
        return {"other": other, "size": size, "ratio": {"median": ratio}}

    return {
        "sizes": {"laptop": {}},
        "profile": [
            {"size": "laptop", "operation": "aten::mm", "share": 0.25},
            {"size": "laptop", "operation": "aten::copy_", "share": 0.5},
        ],
        "training": [
            timing("Trainer + GPT2LMHeadModel, as shipped", 5.0),
            timing("GPT2LMHeadModel tuned, eager", tuned),
            timing("GPT2LMHeadModel tuned, sdpa", 9.0),
        ],
        "share_of_peak": [{"size": "laptop", "share": 0.5}],
        "adapters": [timing("Trainer + peft, the same adapters", 2.5, "SmolLM")],
        "to_90": list(to_90),
    }


def row_of(table, aim):
    (row,) = table[table.aim.str.contains(aim)].to_dict("records")
    return row["measured"], row["what stands in the way"]


def test_the_fastest_opponent_counts_and_what_is_in_the_way_of_a_missed_aim_is_named():
    table = aims_table(report(1.2))
    assert row_of(table, "tuned") == (
        "1.20 ×",
        "Matrix products, which both do in the same library, take 25 % of our step; much of the "
        "rest is passes over memory that both need.",
    )
    assert row_of(table, "as shipped") == ("5.00 ×", "")
    assert row_of(table, "peak") == ("50 %", "") and row_of(table, "peft") == ("2.50 ×", "")


def test_what_was_not_measured_says_so():
    assert row_of(aims_table(report(2.0)), "nine tenths") == ("–", "It was not measured.")


def test_an_opponent_that_was_stopped_took_at_least_that_long():
    runs = [
        {"system": "ours, adamw", "reached": True, "seconds": 90.0},
        {"system": "ours, muon", "reached": True, "seconds": 60.0},
        {"system": "Trainer", "reached": False, "seconds": 480.0},
    ]
    assert row_of(aims_table(report(2.0, runs)), "nine tenths") == (
        "at least 8.00 × by Muon, 5.33 × by AdamW: it never got there",
        "",
    )
