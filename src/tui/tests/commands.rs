//! Commands at work: why, what if, breakpoints, watches, predictions.

use super::keys::check;
use super::*;

#[test]
fn a_gradient_is_asked_about_and_gone_to() {
    for (keys, expected) in [
        ("y", "why pool[0,0] gets 3.5"),
        ("End Left y", "why x[3,3] gets 0"),
        ("Home y", "no neuron is being computed here"),
        ("g x [ 1 , 0 ] Enter y Down Enter", "step 1/35 · pool[0,0]"),
        (
            "g x [ 1 , 0 ] Enter y Down Enter Backspace",
            "step 24/35 · x[1,0]",
        ),
        (
            "g x [ 1 , 0 ] Enter y Down Down Enter",
            "fc[2] · its gradient is given",
        ),
        ("v", "is 3.5 the slope of the loss at pool[0,0]?"),
        ("End v", "no neuron is being computed here"),
        (
            ": w h y n o t Space x [ 0 , 0 ] Space f r o m Space f c [ 1 ] Enter",
            "it does so by way of",
        ),
        ("Right G Backspace", "step 2/35"),
        ("Backspace", "there is no jump to return from"),
    ] {
        check(keys, expected);
    }
}

#[test]
fn an_edit_changes_the_picture_and_is_undone() {
    for (keys, expected) in [
        ("g x [ 0 , 3 ] Enter i", ": set x[0,3]"),
        ("i", ": set fc[0].grad"),
        ("Tab i", ": set fc.weight[0,0]"),
        ("Home i", ": set"),
        ("i 5 Enter", "fc[0].grad is 5, was 2"),
        ("i 5 Enter", "was 3.5"),
        (
            "i 5 Enter u",
            "undone: fc[0].grad is 5, was 2; all is as it was",
        ),
        ("i 5 Enter u u", "nothing has been edited"),
        ("i 5 Enter u Ctrl-r", "done again: fc[0].grad is 5, was 2"),
        ("Ctrl-r", "nothing has been undone"),
        ("U", "nothing has been edited"),
        ("i 5 Enter U", "what the edits change"),
        (
            ": s e t Space p o o l . s t r i d e Space 1 Enter",
            "`fc.weight` has shape [3, 4]",
        ),
        (
            ": s e t Space f c . a c t i v a t i o n Space t a n h Enter",
            "fc.activation is tanh, was relu",
        ),
        (": s a v e Space a . j s o n Enter", "written to `a.json`"),
    ] {
        check(keys, expected);
    }
    let mut screen = Screen::of("the-question", (120, 36));
    screen.press("Right Right");
    let before = screen.without_message();
    screen.press(": s e t Space f c [ 0 ] . g r a d Space 9 Enter");
    assert_ne!(screen.without_message(), before);
    screen.press("u");
    assert_eq!(screen.without_message(), before);
}

#[test]
fn breakpoints_are_set_by_a_key_and_gone_to_by_others() {
    for (keys, expected) in [
        ("b", "breakpoint 1: pool[0,0]"),
        ("b b", "breakpoint 1 is deleted: pool[0,0]"),
        ("b", "◆ breakpoint"),
        ("End b", "no neuron is being computed here: name one"),
        ("Right b Home c", "step 2/35"),
        ("Right b End C", "step 2/35"),
        ("Right b c", "no breakpoint is hit before the end"),
        ("Right b C", "no breakpoint is hit before the start"),
        ("c", "no breakpoint is set, so this is the end"),
        ("End c", "this is the end"),
        ("B", "there is no breakpoint: `break` sets one"),
        (
            ": b r e a k Space i f Space g r a d < 0 Enter c B",
            "1  if grad < 0  1 hit",
        ),
        ("Right b Right Right b B Enter", "step 2/35"),
        ("Right b Right Right b B Down Enter", "step 4/35"),
        ("Right b Right Right b B Delete", "2  pool[1,1]"),
        ("b B Delete", "there is no breakpoint"),
        (
            ": b r e a k Space i f Space g a r d Enter",
            "did you mean `grad`?",
        ),
        (
            ": b r e a k Space p o o l ; c o n t i n u e ; e n d Enter",
            "end · 35 steps done",
        ),
    ] {
        check(keys, expected);
    }
}

#[test]
fn what_is_watched_stays_in_view() {
    for (keys, expected) in [
        ("w", "pool[0,0] is watched"),
        ("w Home", "watched  pool[0,0] value 4 gradient ·"),
        ("w Right", "watched  pool[0,0] value 4 gradient 3.5"),
        ("w w", "pool[0,0] is no longer watched"),
        ("w Right w W", "pool[0,1]: value 2, gradient 15"),
        ("w Right w W Down Enter", "step 2/35"),
        ("w Right w W Delete", "pool[0,1]: value 2"),
        ("W", "nothing is watched"),
    ] {
        check(keys, expected);
    }
}

#[test]
fn sums_are_predicted_and_mistakes_are_shown() {
    for (keys, expected) in [
        ("m", "Mistakes at pool[0,0] · Esc closes"),
        (
            "m",
            "just added up the gradients that arrive: 2 + 3 + 6 = 11",
        ),
        ("End m", "no neuron is being computed here"),
        ("p", ": predict"),
        ("p", "The sum is hidden. What do these terms add"),
        ("p 3 . 5 Enter", "2 − 1.5 + 3 = 3.5."),
        ("p 1 1 Enter", "It is not 11. Perhaps you"),
        ("p 1 1 Enter Esc", "The sum is hidden."),
        ("p 1 1 Enter Esc r", "pool[0,0] feeds all three fc neurons"),
        ("p Esc Right", "step 2/35"),
        ("p x Enter", "`x` is neither a decimal nor a fraction"),
        ("End p", "there is no sum to predict here"),
        ("P", "quiz: a digit answers"),
        ("P r", "pool[0,0] feeds all three fc neurons"),
        (": q u i z Space s u m s Enter Right", "The sum is hidden."),
        ("P P", "the quiz is over"),
        ("r", "nothing is hidden here"),
        ("x", "no answer is loaded: start with `--answer FILE`"),
        ("M", "no answer is loaded"),
    ] {
        check(keys, expected);
    }
}
