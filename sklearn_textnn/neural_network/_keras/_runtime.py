"""TensorFlow's state in this process: where training can run, on which device and threads."""

import os
import threading
from contextlib import suppress

import tensorflow as tf

# Training runs on the CPU. These products are too small and too sparse for a GPU, which would not
# even add up in the same order twice.
DEVICE = "CPU:0"

_lock = threading.Lock()
_started_in = None  # the process in which TensorFlow's threads run


def start_tensorflow():
    """Check that training can run here, and set the number of threads before the first one does.

    joblib tells a worker its share of the cores by OMP_NUM_THREADS, which TensorFlow does not heed
    by itself. Its numbers of threads are set for the whole process, and only if nothing has started
    them before.

    Raises
    ------
    RuntimeError
        If TensorFlow cannot train here, with what is set and what to do.
    """
    global _started_in
    _check_process()
    _check_context()
    with _lock:
        if _started_in is None:
            _heed_share_of_cores()
            _started_in = os.getpid()


def _check_process():
    # Threads do not survive a fork, and TensorFlow waits for them for ever.
    if _started_in not in (None, os.getpid()):
        raise RuntimeError(
            "TensorFlow was started in the parent of this process, and cannot train in a process "
            "that was forked from it; use joblib's default backend 'loky', or the multiprocessing "
            "start method 'spawn'. To predict works here"
        )


def _check_context():
    if not tf.executing_eagerly():
        raise RuntimeError(
            "training cannot run inside a tf.function or a tf.Graph, nor with eager execution off; "
            "call fit outside of them, and leave eager execution on"
        )
    if tf.distribute.has_strategy():
        raise RuntimeError(
            "training cannot run inside the scope of a tf.distribute strategy; call fit outside of "
            "it"
        )


def _heed_share_of_cores():
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if threads.isdecimal() and int(threads) > 0:
        with suppress(RuntimeError):  # something else has started TensorFlow's threads
            tf.config.threading.set_intra_op_parallelism_threads(int(threads))
            tf.config.threading.set_inter_op_parallelism_threads(int(threads))
