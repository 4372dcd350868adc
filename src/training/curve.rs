//! How a loss and the sizes of gradients go from update to update.

use std::sync::Arc;

/// How many points of the gradients' sizes are kept.
const MOST_POINTS: usize = 4096;

/// The loss of every update that has been run, and the sizes of gradients at some of them.
#[derive(Debug, Clone, Default)]
pub struct Curve {
    losses: Arc<Vec<f64>>,
    points: Arc<Vec<Point>>,
    stride: usize,
}

/// The sizes of the gradients in an update.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The number of the update, counted from 1.
    pub update: usize,
    /// By trained parameter, in their order: the root of the sum of its squared gradients.
    pub norms: Vec<f64>,
}

impl Curve {
    /// The losses, that of the first update first: each before its update is made.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// The sizes of gradients, in the order of their updates.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Whether the sizes at an update are to be kept.
    pub(super) fn wants(&self, update: usize) -> bool {
        let is_new = self.points.last().is_none_or(|last| last.update < update);
        is_new && (update - 1).is_multiple_of(self.stride.max(1))
    }

    /// Adds a loss, unless it is known.
    pub(super) fn add_loss(&mut self, update: usize, loss: f64) {
        if self.losses.len() + 1 == update {
            Arc::make_mut(&mut self.losses).push(loss);
        }
    }

    pub(super) fn add_point(&mut self, point: Point) {
        let points = Arc::make_mut(&mut self.points);
        points.push(point);
        if points.len() > MOST_POINTS {
            self.stride = self.stride.max(1) * 2;
            let stride = self.stride;
            points.retain(|point| (point.update - 1).is_multiple_of(stride));
        }
    }
}
