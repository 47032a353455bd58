def test_epochs_chosen_in_one_fit_are_those_chosen_by_hand(run):
    epoch = run.by_loss.best_epoch
    assert run.selected.n_iter_ == epoch
    assert run.selected.score(run.X_test, run.y_test) == run.after.loc[epoch, 0]


def test_chosen_epochs_are_better_than_all(run):
    mean = run.table["mean"]
    assert run.table.loc["all epochs", "epoch"] == run.EPOCHS
    for choice in ("one hold-out, val_loss", "three hold-outs, val_loss"):
        assert mean[choice] > mean["all epochs"] + 0.005
