"""What nobody should send, as in `make bad-input` but in short: each record is counted, or refused with its reason."""

from pathlib import Path

import pytest

from tests.bad_input.run import try_out

RECORDS = 3_000


@pytest.mark.timeout(300)
def test_every_record_is_counted_or_refused_with_its_reason_and_nothing_ends(tmp_path: Path) -> None:
    outcome = try_out(tmp_path / "data", RECORDS, seed=1, say=lambda _: None)
    assert outcome.wrong == []
    assert outcome.verdict.sent == RECORDS
    assert {"bad_time", "bad_value", "missing_field", "not_json", "not_utf8", "wrong_version", "wrong_type"} <= {
        reason for _, reason in outcome.verdict.refused
    }
