//! The search for numbers without a flaw that tell the slips of a network apart.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::blueprint::{Blueprint, Choices};
use super::flaws;
use super::separation::{Blur, blurs_of};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::marking::Hypothesis;
use crate::tensor::TensorId;

/// How many numbers are changed from the first ones on, at most, and how many on the way to a start
/// without a flaw.
const N_CHANGES: usize = 250;
/// Of so many starts without a flaw the best one is gone on from.
const N_STARTS: usize = 8;
/// How many changes in a row may make nothing better before the search begins anew.
const PATIENCE: usize = 100;
/// What the search from such starts may cost, where to find the flaws of numbers costs 1.
const BUDGET: usize = 6_500;
/// What it costs to find what numbers do not tell apart.
const COST_OF_BLURS: usize = 10;

/// What is wrong with numbers, the less the better: how many flaws they have, and how much they do
/// not tell apart that others could.
pub(super) type Rank = (usize, usize);

const WORST: Rank = (usize::MAX, usize::MAX);

/// Numbers for a network, and what is wrong with them.
pub(super) struct Draw {
    pub(super) numbers: Vec<f64>,
    pub(super) rank: Rank,
}

/// What counts in a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    Flaws,
    Everything,
}

/// How numbers are changed one by one, as long as it does not make them worse.
#[derive(Debug, Clone, Copy)]
struct Climb {
    judged: Judged,
    /// Whether small tensors get as many of the changes as large ones, for half of them.
    is_by_tensor: bool,
    n_changes: usize,
    patience: usize,
}

/// A search, which draws from a seed.
pub(super) struct Search<'a> {
    blueprint: &'a dyn Blueprint,
    cancel: &'a Cancel,
    /// What no numbers tell apart.
    always: &'a [Blur],
    /// By asked tensor: the slips that are to be told apart.
    slips: &'a [(TensorId, Vec<Hypothesis>)],
    random: ChaCha8Rng,
    /// By number: what it can be.
    choices: Vec<&'a [f64]>,
    /// The first number and the numbers of each tensor that has any to choose from.
    tensors: Vec<(usize, usize)>,
    budget: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        blueprint: &'a dyn Blueprint,
        choices: &'a [Choices],
        seed: [u8; 32],
        cancel: &'a Cancel,
    ) -> Self {
        let mut search = Self {
            blueprint,
            cancel,
            always: &[],
            slips: &[],
            random: ChaCha8Rng::from_seed(seed),
            choices: Vec::new(),
            tensors: Vec::new(),
            budget: usize::MAX,
        };
        for Choices { n_numbers, of_each } in choices {
            if of_each.len() > 1 {
                search.tensors.push((search.choices.len(), *n_numbers));
            }
            let own = std::iter::repeat_n(&**of_each, *n_numbers);
            search.choices.extend(own);
        }
        search
    }

    /// The search for numbers that tell these slips apart, but for what none do.
    pub(super) fn telling_apart(
        self,
        slips: &'a [(TensorId, Vec<Hypothesis>)],
        always: &'a [Blur],
    ) -> Self {
        Self {
            slips,
            always,
            ..self
        }
    }

    /// Finds numbers of which only the flaws count.
    pub(super) fn without_flaws(&mut self) -> Result<Draw, Cancelled> {
        let drawn = self.drawn(Judged::Flaws)?;
        self.climbed(
            drawn,
            Climb {
                judged: Judged::Flaws,
                is_by_tensor: false,
                n_changes: N_CHANGES,
                patience: usize::MAX,
            },
        )
    }

    /// Finds the first numbers without a flaw that tell all slips apart that can be, or the best of
    /// many.
    ///
    /// Most networks have them near to any numbers. In others what is told apart hangs on few of
    /// them, such as which ReLUs are open, that no change of one number makes better: there it
    /// matters where the search begins, and many beginnings cost less than long ways.
    pub(super) fn best(&mut self) -> Result<Draw, Cancelled> {
        let near = Climb {
            judged: Judged::Everything,
            is_by_tensor: false,
            n_changes: N_CHANGES,
            patience: usize::MAX,
        };
        let drawn = self.drawn(Judged::Everything)?;
        let mut best = self.climbed(drawn, near)?;
        self.budget = BUDGET;
        while best.rank != (0, 0) && self.budget > 0 {
            let start = self.start()?;
            let further = Climb {
                is_by_tensor: true,
                n_changes: usize::MAX,
                patience: PATIENCE,
                ..near
            };
            let other = self.climbed(start, further)?;
            if other.rank < best.rank {
                best = other;
            }
        }
        Ok(best)
    }

    /// The best of several starts without a flaw.
    fn start(&mut self) -> Result<Draw, Cancelled> {
        let mut best = Draw {
            numbers: Vec::new(),
            rank: WORST,
        };
        for _ in 0..N_STARTS {
            let drawn = self.drawn(Judged::Flaws)?;
            let flawless = self.climbed(
                drawn,
                Climb {
                    judged: Judged::Flaws,
                    is_by_tensor: true,
                    n_changes: N_CHANGES,
                    patience: usize::MAX,
                },
            )?;
            let rank = self.rank(&flawless.numbers, best.rank, Judged::Everything)?;
            if let Some(rank) = rank.filter(|rank| *rank < best.rank) {
                best = Draw { rank, ..flawless };
            }
            if best.rank == (0, 0) || self.budget == 0 {
                break;
            }
        }
        Ok(best)
    }

    fn drawn(&mut self, judged: Judged) -> Result<Draw, Cancelled> {
        let random = &mut self.random;
        let choices = self.choices.iter();
        let numbers: Vec<f64> = choices
            .map(|choices| choices[below(random, choices.len())])
            .collect();
        let rank = self.rank(&numbers, WORST, judged)?.unwrap_or(WORST);
        Ok(Draw { numbers, rank })
    }

    fn climbed(&mut self, draw: Draw, how: Climb) -> Result<Draw, Cancelled> {
        let Draw {
            mut numbers,
            mut rank,
        } = draw;
        let mut n_in_vain = 0;
        for _ in 0..how.n_changes {
            if rank == (0, 0) || n_in_vain >= how.patience || self.budget == 0 {
                break;
            }
            self.cancel.check()?;
            n_in_vain += 1;
            let at = self.place(how.is_by_tensor);
            let choices = self.choices[at];
            let before = numbers[at];
            numbers[at] = choices[below(&mut self.random, choices.len())];
            if numbers[at] == before {
                continue;
            }
            match self.rank(&numbers, rank, how.judged)? {
                Some(better) => {
                    n_in_vain = if better < rank { 0 } else { n_in_vain };
                    rank = better;
                }
                None => numbers[at] = before,
            }
        }
        Ok(Draw { numbers, rank })
    }

    /// A number to change.
    fn place(&mut self, is_by_tensor: bool) -> usize {
        if is_by_tensor && below(&mut self.random, 2) == 0 {
            let (first, n) = self.tensors[below(&mut self.random, self.tensors.len())];
            return first + below(&mut self.random, n);
        }
        below(&mut self.random, self.choices.len())
    }

    /// The rank of numbers, unless it is worse than `most`. What takes long to find out comes last,
    /// and slips that have hardly ever something to do are passed over.
    fn rank(
        &mut self,
        numbers: &[f64],
        most: Rank,
        judged: Judged,
    ) -> Result<Option<Rank>, Cancelled> {
        self.budget = self.budget.saturating_sub(1);
        let (demands, asked) = (self.blueprint.demands(), self.blueprint.asked());
        let tolerated = |n: usize| n.saturating_sub(demands.n_tolerated);
        let (tape, upstream) = self.blueprint.forward(numbers);
        let forward = flaws::forward(demands, &tape);
        if tolerated(forward) > most.0 {
            return Ok(None);
        }
        let backprop = Backprop::lazy(tape, upstream);
        let n_flaws = tolerated(forward + flaws::backward(demands, &backprop, asked));
        if n_flaws > most.0 {
            return Ok(None);
        }
        let mut rank = (n_flaws, 0);
        if judged == Judged::Everything {
            self.budget = self.budget.saturating_sub(COST_OF_BLURS);
            for (tensor, slips) in self.slips {
                if rank > most {
                    return Ok(None);
                }
                let part = asked.part(*tensor);
                let blurs = blurs_of(slips, &backprop, *tensor, part, self.cancel)?;
                let avoidable = blurs.iter().filter(|blur| !self.always.contains(blur));
                rank.1 += avoidable.count();
            }
        }
        Ok(Some(rank).filter(|rank| *rank <= most))
    }
}

/// A number below `n`, which is far smaller than what the remainder would favour. It is written out
/// here because what a library makes of random bits may change with its versions, and an exercise
/// must not.
fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    random.next_u32() as usize % n
}
