//! What is worked out ahead of whoever looks at it.

use std::sync::mpsc::Sender;
use std::time::Duration;

use super::events::News;
use super::work::Work;
use crate::debugger::Session;
use crate::tensor::TensorId;

/// Computes the gradients of a network. Dropped, it ends after the tensor that it is at.
#[derive(Debug)]
pub(super) struct BackgroundGradients {
    session: Session,
    work: Work<()>,
}

impl BackgroundGradients {
    pub(super) fn begin(session: &Session, news: &Sender<News>) -> Self {
        let of = session.clone();
        let work = Work::begin(news, move |cancel| _ = of.backprop().complete(cancel));
        Self {
            session: session.clone(),
            work,
        }
    }

    /// Whether it is these gradients that it computes.
    pub(super) fn is_of(&self, session: &Session) -> bool {
        let own = self.session.backprop();
        own.shares_gradients(session.backprop())
    }

    /// Waits until they are computed, but no longer than that; returns whether they are.
    pub(super) fn wait(&self, patience: Duration) -> bool {
        self.work.wait(patience).is_some()
    }
}

/// Looks for what explains the wrong numbers of a tensor.
#[derive(Debug)]
pub(super) struct BackgroundExplanation {
    session: Session,
    tensor: TensorId,
    work: Work<()>,
}

impl BackgroundExplanation {
    /// Begins with the tensor of the current element.
    pub(super) fn begin(session: &Session, tensor: TensorId, news: &Sender<News>) -> Self {
        let of = session.clone();
        let work = Work::begin(news, move |cancel| {
            _ = of.cancelled_by(cancel.clone()).explain();
        });
        Self {
            session: session.clone(),
            tensor,
            work,
        }
    }

    /// Whether it is this that it looks for.
    pub(super) fn is_of(&self, session: &Session, tensor: TensorId) -> bool {
        self.tensor == tensor && self.session.shares_answer(session)
    }

    /// Waits until it is found, but no longer than that; returns whether it is.
    pub(super) fn wait(&self, patience: Duration) -> bool {
        self.work.wait(patience).is_some()
    }
}
