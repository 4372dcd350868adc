//! Which elements of the input each element of an output is made of, and the other way round.

use smallvec::SmallVec;

/// The two ways between an input and an output, axis by axis: where an element stands along an axis
/// of one alone says where its partners stand along that axis of the other. Axes that stay together
/// may be taken for one.
#[derive(Debug)]
pub(in crate::ops) struct Map(SmallVec<[Axis; 4]>);

/// An axis of the input and the axis of the output that is made of it.
#[derive(Debug)]
pub(in crate::ops) enum Axis {
    /// Both have this size, and each place is made of the same place.
    Kept(usize),
    /// Places are linked in other ways.
    Linked {
        /// Of each place of the output, those of the input.
        sources: Links,
        /// Of each place of the input, those of the output.
        readers: Links,
    },
}

/// For each place of an axis its partners in ascending order, each with a weight.
#[derive(Debug)]
pub(in crate::ops) struct Links {
    /// Where the partners of each place begin, and where the last one's end.
    starts: Vec<usize>,
    partners: Vec<(usize, f64)>,
}

impl Axis {
    /// An axis each of whose places is a copy of one of the `n_in` places, or of none.
    pub(super) fn picked(n_in: usize, places: impl IntoIterator<Item = Option<usize>>) -> Self {
        let copies = places
            .into_iter()
            .map(|place| place.map(|place| (place, 1.0)));
        Self::weighed(
            n_in,
            copies.map(|copy| copy.into_iter().collect::<Vec<_>>()),
        )
    }

    /// An axis each of whose places is a sum of some of the `n_in` places, in ascending order, each
    /// times a weight.
    pub(super) fn weighed(
        n_in: usize,
        places: impl IntoIterator<Item = Vec<(usize, f64)>>,
    ) -> Self {
        let sources = Links::of(places);
        let mut readers = vec![Vec::new(); n_in];
        for output in 0..sources.len() {
            for &(input, weight) in sources.partners(output) {
                readers[input].push((output, weight));
            }
        }
        let readers = Links::of(readers);
        Self::Linked { sources, readers }
    }

    fn links(&self, way: Way) -> Option<&Links> {
        match (self, way) {
            (Self::Kept(_), _) => None,
            (Self::Linked { sources, .. }, Way::ToSources) => Some(sources),
            (Self::Linked { readers, .. }, Way::ToReaders) => Some(readers),
        }
    }

    /// The partners of a place.
    fn step(&self, way: Way, place: usize) -> Step<'_> {
        let size = self.size(way.back());
        let links = self.links(way);
        let partners = links.map_or(Partners::Same(place), |links| {
            Partners::Linked(links.partners(place))
        });
        Step { size, partners }
    }

    /// How many places there are where a way begins.
    fn size(&self, way: Way) -> usize {
        match self {
            Self::Kept(size) => *size,
            Self::Linked { .. } => self.links(way).map_or(0, Links::len),
        }
    }
}

impl Links {
    fn of(all: impl IntoIterator<Item = Vec<(usize, f64)>>) -> Self {
        let (mut starts, mut partners) = (vec![0], Vec::new());
        for some in all {
            partners.extend(some);
            starts.push(partners.len());
        }
        Self { starts, partners }
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn partners(&self, place: usize) -> &[(usize, f64)] {
        &self.partners[self.starts[place]..self.starts[place + 1]]
    }
}

/// From which side to which.
#[derive(Debug, Clone, Copy)]
enum Way {
    ToSources,
    ToReaders,
}

impl Way {
    fn back(self) -> Self {
        match self {
            Self::ToSources => Self::ToReaders,
            Self::ToReaders => Self::ToSources,
        }
    }
}

/// The partners of one place along one axis, of which there are `size` places.
#[derive(Debug, Clone, Copy)]
struct Step<'a> {
    size: usize,
    partners: Partners<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Partners<'a> {
    Same(usize),
    Linked(&'a [(usize, f64)]),
}

impl Map {
    pub(super) fn new(axes: impl IntoIterator<Item = Axis>) -> Self {
        Self(axes.into_iter().collect())
    }

    /// Visits the elements of the input that an output element is made of, in row-major order, each
    /// with its weight.
    pub(super) fn visit_sources(&self, output: usize, visit: &mut dyn FnMut(usize, f64)) {
        self.visit(Way::ToSources, output, visit);
    }

    /// Visits the output elements that are made of an element of the input, in row-major order,
    /// each with its weight.
    pub(super) fn visit_readers(&self, input: usize, visit: &mut dyn FnMut(usize, f64)) {
        self.visit(Way::ToReaders, input, visit);
    }

    fn visit(&self, way: Way, at: usize, visit: &mut dyn FnMut(usize, f64)) {
        let mut rest = at;
        let mut steps = SmallVec::<[Step<'_>; 4]>::new();
        for axis in self.0.iter().rev() {
            let begin = axis.size(way);
            steps.push(axis.step(way, rest % begin));
            rest /= begin;
        }
        // The last axis stands first, and is the innermost loop.
        nested(&steps, 0, 1.0, visit);
    }
}

/// Visits each combination of partners; the last step is the outermost loop.
fn nested(steps: &[Step<'_>], place: usize, weight: f64, visit: &mut dyn FnMut(usize, f64)) {
    let Some((step, inner)) = steps.split_last() else {
        return visit(place, weight);
    };
    let place = place * step.size;
    match step.partners {
        Partners::Same(own) => nested(inner, place + own, weight, visit),
        Partners::Linked(all) => all
            .iter()
            .for_each(|&(own, factor)| nested(inner, place + own, weight * factor, visit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_lead_along_the_same_links() {
        let picked = Axis::picked(3, [Some(2), None, Some(0), Some(2)]);
        let weighed = Axis::weighed(2, [vec![(0, 0.5), (1, 0.25)], vec![(1, 2.0)]]);
        let map = Map::new([picked, Axis::Kept(2), weighed]);
        let mut sources = Vec::new();
        for output in 0..16 {
            map.visit_sources(output, &mut |input, weight| {
                sources.push((input, output, weight))
            });
        }
        assert_eq!(sources[..3], [(8, 0, 0.5), (9, 0, 0.25), (9, 1, 2.0)]);
        let mut readers = Vec::new();
        for input in 0..12 {
            map.visit_readers(input, &mut |output, weight| {
                readers.push((input, output, weight))
            });
        }
        sources.sort_by_key(|&(input, output, _)| (input, output));
        assert_eq!(readers, sources);
    }
}
