//! Colours. They repeat what the text says.

use ratatui::style::{Color, Modifier, Style};

/// Whether to use colours. Bold, dim and reversed text are used in any case.
#[derive(Clone, Copy, Debug)]
pub(in crate::command::top) struct Paint {
    pub(in crate::command::top) color: bool,
}

impl Paint {
    fn color(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    /// Text to read first.
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Text of little importance.
    pub(super) fn faint(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Titles of columns.
    pub(super) fn head(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// A good state.
    pub(super) fn good(self) -> Style {
        self.color(Color::Green)
    }

    /// Something worth a look.
    pub(super) fn warm(self) -> Style {
        self.color(Color::Yellow)
    }

    /// Something wrong.
    pub(super) fn hot(self) -> Style {
        self.color(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Bars.
    pub(super) fn bars(self) -> Style {
        self.color(Color::Blue)
    }

    /// The selected row and the current pane.
    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}
