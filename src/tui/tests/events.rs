//! Whatever is pressed, clicked and resized, the screen bears it.

use super::*;

fn any_event() -> impl Strategy<Value = Event> {
    let key = |code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    let held = prop::sample::select(vec![
        KeyModifiers::CONTROL,
        KeyModifiers::ALT,
        KeyModifiers::SHIFT,
    ]);
    let held = (
        held,
        prop::sample::select("abdefhklnpruw".chars().collect::<Vec<_>>()),
    );
    let named = prop::sample::select(vec![
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Backspace,
        KeyCode::Delete,
    ]);
    let mouse = (
        0..300_u16,
        0..100_u16,
        prop::sample::select(vec![
            MouseEventKind::Down(MouseButton::Left),
            MouseEventKind::ScrollDown,
            MouseEventKind::ScrollUp,
        ]),
    );
    let letters = "hjklnsgGN/tz+-:?[]0123456789pofcl,.xyviuUy bBcCwWmpPrMX";
    let letters = letters.chars().collect::<Vec<_>>();
    prop_oneof![
        8 => named.prop_map(key),
        4 => any::<char>().prop_map(move |character| key(KeyCode::Char(character))),
        4 => prop::sample::select(letters).prop_map(move |c| key(KeyCode::Char(c))),
        2 => held.prop_map(|(modifiers, letter)| {
            Event::Key(KeyEvent::new(KeyCode::Char(letter), modifiers))
        }),
        1 => prop::sample::select(vec![Event::FocusGained, Event::FocusLost]),
        1 => "\\PC{0,12}".prop_map(Event::Paste),
        3 => (1..=300_u16, 1..=100_u16).prop_map(|(width, height)| Event::Resize(width, height)),
        2 => mouse.prop_map(|(column, row, kind)| {
            Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_events_at_any_size_never_panic(events in prop::collection::vec(any_event(), 1..40),
        start in 0..16_usize) {
        let mut screen = Screen::gallery((120, 36));
        (0..start).for_each(|_| screen.press("Down"));
        screen.press("Enter");
        for event in events {
            if screen.send(&event) == Flow::Quit {
                break;
            }
            screen.tick();
        }
    }

    #[test]
    fn any_events_beside_an_answer_never_panic(events in prop::collection::vec(any_event(),
        1..40)) {
        let mut screen = keys::answered((120, 36));
        for event in events {
            if screen.send(&event) == Flow::Quit {
                break;
            }
            screen.tick();
        }
    }

    #[test]
    fn the_gallery_takes_any_events_at_any_size(events in prop::collection::vec(any_event(),
        1..40), width in 1..=300_u16, height in 1..=100_u16) {
        let mut screen = Screen::gallery((width, height));
        for event in events {
            screen.send(&event);
        }
    }
}
