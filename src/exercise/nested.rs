use crate::tensor::Shape;

/// Returns the elements of a tensor as nested JSON arrays, a row a line. `element` gives the text of one by its row-major place, and
/// the brackets close under the column at which a line of `indent` blanks begins.
pub(super) fn nested(shape: &Shape, indent: usize, element: &dyn Fn(usize) -> String) -> String {
    level(shape, 0, indent, element)
}

fn level(sizes: &[usize], first: usize, indent: usize, element: &dyn Fn(usize) -> String) -> String {
    match sizes {
        [] => element(first),
        [size] => format!("[{}]", (first..first + size).map(element).collect::<Vec<_>>().join(", ")),
        [size, inner @ ..] => {
            let blanks = " ".repeat(indent);
            let step: usize = inner.iter().product();
            let row = |number: usize| format!("{blanks}  {}", level(inner, first + number * step, indent + 2, element));
            format!("[\n{}\n{blanks}]", (0..*size).map(row).collect::<Vec<_>>().join(",\n"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_line() {
        let text = |shape: &[usize]| nested(&Shape::from(shape), 2, &|at| at.to_string());
        assert_eq!(text(&[2, 3]), "[\n    [0, 1, 2],\n    [3, 4, 5]\n  ]");
        assert_eq!(text(&[2]), "[0, 1]");
        assert_eq!(text(&[]), "0");
    }
}
