//! A flame graph as an SVG, drawn by `inferno`: a picture to click through that stands alone.

use inferno::flamegraph::{
    self, Direction, Options, Palette,
    color::{BasicPalette, Color, PaletteMap},
};

use super::{StackProfile, ThreadState, folded, notes, title};

/// The picture.
pub(crate) fn render(profile: &StackProfile) -> String {
    let lines: Vec<String> = folded::lines(profile).into_iter().map(|(stack, ns)| format!("{stack} {ns}")).collect();
    if lines.is_empty() {
        return empty(profile);
    }
    let mut colors = PaletteMap::default();
    for (state, [r, g, b]) in [(ThreadState::Waiting, [120, 160, 225]), (ThreadState::Runnable, [205, 180, 235])] {
        colors.insert(format!("[{}]", state.name()), Color { r, g, b });
    }
    let mut options = Options::default();
    options.title = title(profile);
    options.subtitle = Some(notes::summary(profile));
    options.colors = Palette::Basic(BasicPalette::Hot);
    // The same name has the same colour, in every picture.
    options.hash = true;
    options.deterministic = true;
    options.palette_map = Some(&mut colors);
    options.count_name = "µs".into();
    options.name_type = "Function:".into();
    options.factor = 0.001;
    options.direction = Direction::Straight;
    let mut picture = Vec::new();
    let drawn = flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), &mut picture);
    // It refuses lines that are no stacks, and there are none.
    drawn.map_or_else(|_| empty(profile), |()| String::from_utf8_lossy(&picture).into_owned())
}

/// The picture of no stacks.
fn empty(profile: &StackProfile) -> String {
    let text = format!("{}: no stacks were seen", title(profile));
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1200\" height=\"40\">\
         <text x=\"10\" y=\"25\" font-family=\"monospace\" font-size=\"12\">{text}</text></svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::profile::tests::some;

    #[test]
    fn frames_carry_their_names_and_times() {
        let picture = render(&some().merged());
        assert!(picture.contains("<svg") && picture.contains("app::main (100,000 µs, 50.00%)"), "{picture}");
        assert!(picture.contains("app::parse::&lt;[u8: 3]&gt; (52,000 µs, 26.00%)"));
        assert!(picture.contains("rgb(120,160,225)"), "waiting has its colour");
        assert!(!picture.contains('\u{1b}') && !picture.contains("lock\\n\\u{1b}\"</script>"));
        assert_eq!(render(&some()), render(&some()), "nothing random is in it");
    }

    #[test]
    fn no_stacks_are_a_picture_too() {
        let mut none = StackProfile { program: "<a & b>".into(), ..StackProfile::default() };
        assert!(render(&none).contains("&lt;a &amp; b&gt;: no stacks were seen"));
        none.pid = 7;
        assert!(render(&none).contains(", pid 7: no stacks"));
    }
}
