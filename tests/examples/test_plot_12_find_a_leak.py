import pandas as pd


def test_ratings_are_among_the_words_that_matter_most_and_in_one_class(run):
    first = run.table.groupby("target").head(15)
    ratings = first[first["term"].str.fullmatch(r"\d+ 10")].groupby("target").first()
    assert ratings.index.to_list() == ["negative", "positive"]
    assert ratings["term"].isin(["1 10", "2 10", "3 10", "4 10", "7 10", "8 10", "9 10"]).all()
    assert (ratings["count"] > 5 * ratings["count_others"]).all()


def test_html_is_frequent_in_both_classes_and_contributes_little(run):
    html = run.table[run.table["term"] == "br"]
    assert (html["mean"].abs() < 0.2).all()
    assert (html["count"] > 1_000).all()
    assert html["count"].to_list() == html["count_others"].to_list()[::-1]


def test_without_ratings_reviews_that_had_one_are_harder(run):
    assert not run.X_test_cleaned.str.contains(run.rating).any()
    assert 0.05 < run.rated.mean() < 0.2
    gain = run.right[run.rated].mean() - run.right_cleaned[run.rated].mean()
    assert 0.005 < gain < 0.1
    assert run.right_cleaned[run.rated].mean() > 0.85


def test_review_that_is_shown_is_predicted_by_its_rating(run):
    label = pd.Series(run.y_test, index=run.X_test.index)[run.leaking.str.len().idxmin()]
    assert set(run.one.targets) == {label}
    assert "".join(text for text, _ in run.one.pieces) == run.shortest
    assert "textnn-document" in run.one._repr_html_()
