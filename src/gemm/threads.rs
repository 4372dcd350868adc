use rayon::prelude::*;

/// How many multiplications are worth a second thread: some tens of microseconds' work, of which
/// waking one up is a part.
const WORTH_A_THREAD: usize = 200_000;

/// Does something to each chunk of `size` numbers, on several threads where `n_multiplications` are
/// enough for that.
pub(crate) fn for_each_chunk(
    numbers: &mut [f64],
    size: usize,
    n_multiplications: usize,
    act: impl Fn(usize, &mut [f64]) + Sync,
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
