//! Work on many numbers at once, in wide registers and shared among threads where that is worth it.
//! What comes of it does not depend on how wide or how many they are.

use pulp::Arch;
use rayon::prelude::*;

/// How many multiplications are worth a second thread: some tens of microseconds' work, of which
/// waking one up is a part.
const WORTH_A_THREAD: usize = 200_000;

/// How many numbers one thread takes at least, where each costs a call.
const CALLS_AT_ONCE: usize = 16;

/// Does something to each chunk of `size` numbers, on several threads where `n_multiplications` are
/// enough for that.
///
/// What is done is called by reference, so that what hands it to the threads is compiled once.
pub(crate) fn for_each_chunk(
    numbers: &mut [f64],
    size: usize,
    n_multiplications: usize,
    act: &(dyn Fn(usize, &mut [f64]) + Sync),
) {
    if n_multiplications < WORTH_A_THREAD {
        numbers
            .chunks_mut(size)
            .enumerate()
            .for_each(|(nth, chunk)| act(nth, chunk));
    } else {
        numbers
            .par_chunks_mut(size)
            .enumerate()
            .for_each(|(nth, chunk)| act(nth, chunk));
    }
}

/// Does something with each of a few parts, on several threads where `n_multiplications` are enough
/// for that.
pub(crate) fn for_each<T: Send>(parts: Vec<T>, n_multiplications: usize, act: &(dyn Fn(T) + Sync)) {
    if n_multiplications < WORTH_A_THREAD {
        parts.into_iter().for_each(act);
    } else {
        parts.into_par_iter().with_max_len(1).for_each(act);
    }
}

/// Does something that is compiled for the widest registers that the processor has. It must be
/// marked as inlined always, or it is not.
#[inline]
pub(crate) fn with_wide_registers<R>(act: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(act)
}

/// Does something to each number, on several threads.
pub(crate) fn for_each_number(numbers: &mut [f64], act: &(dyn Fn(usize, &mut f64) + Sync)) {
    numbers
        .par_iter_mut()
        .with_min_len(CALLS_AT_ONCE)
        .enumerate()
        .for_each(|(at, number)| act(at, number));
}
