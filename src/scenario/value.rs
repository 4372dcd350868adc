//! Tensor values: written out, as shape and data, or in a file of their own.

use super::Written;
use super::inline;
use super::json::{self, Object, Raw};
use super::loader::Loader;
use crate::diagnostic::{Diagnostic, quote};
use crate::tensor::{Shape, Tensor};

impl Loader<'_> {
    /// Returns the tensor that a value stands for, or reports what is wrong with it.
    pub(super) fn tensor(&mut self, raw: Raw<'_>) -> Option<Tensor> {
        let span = json::span(self.source, raw);
        let tensor = match self.before.get(&span.start) {
            Some(before) => Some(before.tensor.clone()),
            None => self.read_tensor(raw),
        }?;
        let fits = self.fits(tensor.shape(), span.clone());
        let written = Written {
            span: span.clone(),
            tensor: tensor.clone(),
        };
        self.written.insert(span.start, written);
        fits.then_some(tensor)
    }

    fn read_tensor(&mut self, raw: Raw<'_>) -> Option<Tensor> {
        match Object::read(self.source, raw) {
            Some(object) => self.described(raw, &object),
            None => inline::tensor(self.source, raw)
                .map_err(|problem| self.problems.push(problem))
                .ok(),
        }
    }

    fn described(&mut self, raw: Raw<'_>, object: &Object<'_>) -> Option<Tensor> {
        self.refuse_duplicates(object);
        if object.get("file").is_some() {
            self.refuse_unknown(object, &["file", "key"], "a tensor in a file");
            return self.in_file(object);
        }
        let n_problems = self.problems.len();
        self.refuse_unknown(object, &["shape", "data", "file", "key"], "a tensor");
        let message = match (object.get("shape"), object.get("data")) {
            (Some(shape), Some(data)) => return self.shape_and_data(shape.value, data.value),
            // What is missing is most likely the one that is misspelt.
            _ if self.problems.len() > n_problems => return None,
            (Some(_), None) => "a tensor with `shape` needs its numbers in `data`",
            (None, Some(_)) => "a tensor with `data` needs its sizes in `shape`",
            (None, None) => {
                "a tensor is a number, nested arrays of numbers, {\"shape\", \"data\"}, or \
                 {\"file\"}"
            }
        };
        self.problem(Diagnostic::new(message).at(self.source, json::span(self.source, raw)))
    }

    fn shape_and_data(&mut self, shape: Raw<'_>, data: Raw<'_>) -> Option<Tensor> {
        let shape_span = json::span(self.source, shape);
        let Ok(sizes) = serde_json::from_str::<Vec<usize>>(shape.get()) else {
            return self.problem(
                Diagnostic::new("`shape` must be a list of whole numbers of at least 1")
                    .at(self.source, shape_span),
            );
        };
        let Some(shape) = Shape::new(&sizes) else {
            let message = if sizes.contains(&0) {
                "every axis of a tensor has at least one element"
            } else {
                "the tensor has too many elements or axes"
            };
            return self.problem(Diagnostic::new(message).at(self.source, shape_span));
        };
        if !self.fits(&shape, shape_span) {
            return None;
        }
        let flat = match inline::tensor(self.source, data) {
            Ok(flat) => flat,
            Err(problem) => return self.problem(problem),
        };
        let (count, span) = (flat.data().len(), json::span(self.source, data));
        if flat.shape().rank() != 1 {
            return self.problem(
                Diagnostic::new("`data` must be one flat list of numbers in row-major order")
                    .at(self.source, span),
            );
        }
        let numel = shape.numel();
        flat.reshaped(shape.clone()).or_else(|| {
            let message = format!("shape {shape} has {numel} elements, but `data` has {count}");
            self.problem(
                Diagnostic::new(message)
                    .at(self.source, span)
                    .labelled(format!("{count} here")),
            )
        })
    }

    fn in_file(&mut self, object: &Object<'_>) -> Option<Tensor> {
        let path = self.string_member(object, "file");
        let key = object.get("key").map(|_| self.string_member(object, "key"));
        let (path, key) = (path?, key.map_or(Some(None), |key| key.map(Some))?);
        let place = (path.clone(), key.clone());
        if let Some(tensor) = self.in_files.get(&place) {
            return Some(tensor.clone());
        }
        let read = self
            .files
            .tensor(&path, key.as_deref(), self.elements_left())
            .inspect(|tensor| drop(self.in_files.insert(place, tensor.clone())));
        read.map_err(|error| {
            let span = object
                .get("file")
                .map(|member| json::span(self.source, member.value))
                .unwrap_or_default();
            let mut problem = Diagnostic::new(format!("{} cannot be used: {error}", quote(&path)))
                .at(self.source, span);
            problem.hint = error.hint();
            self.problems.push(problem);
        })
        .ok()
    }
}
