use proptest::prelude::*;

use super::axis::{gcd, inverse};
use super::*;

/// Windows along one axis, with as many of them as fit.
fn axis(
    input: usize,
    kernel: usize,
    stride: usize,
    padding: Sides,
    dilation: usize,
    ceil_mode: bool,
) -> Option<Axis> {
    let step = Step::new(stride, dilation);
    let windows = Windows {
        axes: 1,
        kernel: [1, 1, kernel],
        padding: [(0, 0), (0, 0), padding],
        steps: [Step::new(1, 1), Step::new(1, 1), step],
        ceil_mode,
    };
    let output = windows.n_windows(input, 2).ok()?;
    let (padding, padding_after) = padding;
    Some(Axis {
        input,
        output,
        kernel,
        padding,
        padding_after,
        step,
    })
}

fn any_axis() -> impl Strategy<Value = Axis> {
    let settings = (
        1..12_usize,
        1..6_usize,
        1..7_usize,
        (0..6_usize, 0..6_usize),
        1..7_usize,
        any::<bool>(),
    );
    settings.prop_filter_map(
        "no window fits",
        |(input, kernel, stride, padding, dilation, ceil_mode)| {
            axis(input, kernel, stride, padding, dilation, ceil_mode)
        },
    )
}

/// The definition: (kernel place, input place) of a window.
fn looked_at(axis: &Axis, output: usize) -> Vec<(usize, usize)> {
    let at = |kernel: usize| {
        (output * axis.step.stride + kernel * axis.step.dilation).checked_sub(axis.padding)
    };
    let on_input = |kernel: usize| {
        at(kernel)
            .filter(|&place| place < axis.input)
            .map(|place| (kernel, place))
    };
    (0..axis.kernel).filter_map(on_input).collect()
}

proptest! {
    #[test]
    fn windows_and_places_look_at_each_other(planes in any_axis(), rows in any_axis(),
        columns in any_axis(), n_axes in 1..=3_usize) {
        let single = || axis(1, 1, 1, (0, 0), 1, false).unwrap();
        let planes = if n_axes < 3 { single() } else { planes };
        let rows = if n_axes < 2 { single() } else { rows };
        for along in [planes, rows, columns] {
            let pairs: Vec<_> = (0..along.output).map(|output| looked_at(&along, output)).collect();
            for (output, pairs) in pairs.iter().enumerate() {
                prop_assert_eq!(&along.places(output).collect::<Vec<_>>(), pairs);
            }
            for place in 0..along.input {
                let windows = pairs.iter().enumerate().flat_map(|(output, pairs)| {
                    pairs.iter().filter(|pair| pair.1 == place).map(move |pair| (output, pair.0))
                });
                prop_assert_eq!(along.looking_at(place).collect::<Vec<_>>(),
                    windows.collect::<Vec<_>>());
            }
            let reachable = (along.input + along.padding) / along.step.dilation + 1;
            for kernel in 0..along.kernel.min(reachable) {
                let has = |output: usize| pairs[output].iter().any(|pair| pair.0 == kernel);
                let windows = (0..along.output).filter(|&output| has(output));
                prop_assert_eq!(along.windows_with(kernel).collect::<Vec<_>>(),
                    windows.collect::<Vec<_>>());
            }
        }
        let volume = Volume { rows: Rows { planes, rows }, columns };
        let of = |output| volume.places(output).collect();
        let windows: Vec<Vec<usize>> = (0..volume.n_output()).map(of).collect();
        prop_assert!(windows.iter().all(|places| places.is_sorted()));
        for place in 0..volume.n_input() {
            let has = |&output: &usize| windows[output].contains(&place);
            let looking = (0..volume.n_output()).filter(has);
            prop_assert_eq!(volume.looking_at(place).collect::<Vec<_>>(),
                looking.collect::<Vec<_>>());
        }
        volume.each_window(|window, cells| {
            let mut places = Vec::new();
            cells.each(|place| places.push(place));
            assert_eq!(places, windows[window]);
        });
    }

    #[test]
    fn inverses_invert(number in 1..1000_usize, modulus in 2..1000_usize) {
        prop_assume!(gcd(number, modulus) == 1);
        prop_assert_eq!(inverse(number, modulus) * number % modulus, 1);
    }
}

#[test]
fn as_many_windows_as_in_pytorch() {
    let n = |input, kernel, stride, padding, dilation, ceil_mode| {
        axis(
            input,
            kernel,
            stride,
            (padding, padding),
            dilation,
            ceil_mode,
        )
        .map(|axis| axis.output)
    };
    assert_eq!(n(5, 2, 2, 0, 1, false), Some(2));
    assert_eq!(n(5, 2, 2, 0, 1, true), Some(3));
    // The third window would begin in the padding after the input.
    assert_eq!(n(3, 2, 2, 1, 1, false), Some(2));
    assert_eq!(n(4, 2, 3, 1, 1, true), Some(2));
    assert_eq!(n(7, 3, 1, 0, 2, false), Some(3));
    assert_eq!(n(4, 5, 5, 0, 1, false), None);
    assert_eq!(n(4, 5, 5, 0, 1, true), Some(1));
    assert_eq!(n(4, 9, 5, 0, 1, true), None);
}

#[test]
fn huge_settings_are_counted_or_refused() {
    const HALF: usize = 1 << 63;
    let far = axis(
        4,
        2_000_000_000,
        1,
        (1_000_000_000, 1_000_000_000),
        1,
        false,
    )
    .unwrap();
    assert_eq!(far.output, 5);
    assert_eq!(
        far.places(4).map(|pair| pair.1).collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
    assert_eq!(
        far.looking_at(3).map(|pair| pair.0).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4]
    );
    let sparse = axis(
        4,
        2_000_000_000,
        999_999_937,
        (1_000_000_000, 1_000_000_000),
        1,
        true,
    )
    .unwrap();
    assert_eq!(
        sparse.looking_at(0).collect::<Vec<_>>(),
        [(0, 1_000_000_000), (1, 63)]
    );
    let lone = axis(4, 2, HALF - 1, (1, 1), 1, true).unwrap();
    assert_eq!(
        (lone.output, lone.looking_at(0).collect::<Vec<_>>()),
        (1, vec![(0, 1)])
    );
    for huge in [HALF - 1, HALF, usize::MAX] {
        for ceil_mode in [false, true] {
            assert!(axis(4, huge, 1, (0, 0), 1, ceil_mode).is_none());
            assert!(axis(4, huge, 1, (0, 0), huge, ceil_mode).is_none());
            assert!(axis(4, 2, 1, (0, 0), huge, ceil_mode).is_none());
            assert!(
                axis(4, 2, 1, (huge, huge), 1, ceil_mode).is_none_or(|axis| axis.output > 1 << 62)
            );
            assert_eq!(
                axis(4, 2, huge, (0, 0), 1, ceil_mode).map(|axis| axis.output),
                Some(1)
            );
        }
    }
}
