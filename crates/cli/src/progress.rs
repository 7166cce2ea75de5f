//! A bar over the steps, on a terminal only.

use std::io::IsTerminal;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pipeline::outcome::{Event, Observe};

/// Shows how far a run is; hidden where the error stream is no terminal.
pub fn observer() -> (ProgressBar, Option<Observe>) {
    if !std::io::stderr().is_terminal() {
        return (ProgressBar::hidden(), None);
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    let shown = bar.clone();
    let observe = move |event: &Event| match event {
        Event::Grid(steps) => shown.set_length(*steps as u64),
        Event::Started(step) => shown.set_message(step.to_string()),
        Event::Finished(_) => shown.inc(1),
    };
    (bar, Some(Arc::new(observe)))
}
