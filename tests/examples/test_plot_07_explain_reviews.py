def test_opinion_words_contribute_most(run):
    negative, positive = ["worst", "awful", "boring"], ["superb", "excellent", "perfect"]
    assert run.table.loc[negative, "mean"].max() < -0.3
    assert run.table.loc[positive, "mean"].min() > 0.3
    both = run.table.loc[negative + positive]
    assert (both["mean"] * both["coefficient"] > 0).all()


def test_contributions_computed_both_ways_are_equal(run):
    assert run.gap < 1e-4


def test_removing_the_words_with_the_largest_contributions_changes_predictions(run):
    changed = run.changed
    assert changed["by contributions"] > changed["by coefficients"] > 5 * changed["random"]
