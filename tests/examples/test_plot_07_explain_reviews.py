import numpy as np


def test_opinion_words_contribute_most(run):
    negative, positive = ["worst", "awful", "boring"], ["superb", "excellent", "perfect"]
    assert run.table.loc[negative, "mean"].max() < -0.3
    assert run.table.loc[positive, "mean"].min() > 0.3
    both = run.table.loc[negative + positive]
    assert (both["mean"] * both["coefficient"] > 0).all()


def test_review_that_is_shown_is_hard_and_its_contributions_add_up_to_its_log_odds(run):
    found = run.explanation
    difference = found.logits[run.one] - found.empty_logits[run.one]
    assert abs(found.contributions[[run.one]].sum() - difference) < 1e-6
    assert abs(found.logits[run.one]) < np.quantile(np.abs(found.logits), 0.05)


def test_removing_the_words_with_the_largest_contributions_changes_predictions(run):
    changed = run.changed
    assert changed["by contributions"] > changed["by coefficients"] > 5 * changed["random"]
