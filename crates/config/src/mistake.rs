//! A mistake in the configuration, with its place.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// What is wrong in a configuration file, where, what was expected and how to correct it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub file: PathBuf,
    /// From 1; none where the whole file is meant.
    pub line: Option<u32>,
    pub message: String,
    pub expected: Option<String>,
    pub hint: Option<String>,
    /// A reservation only: reported, but does not stop a run.
    pub is_warning: bool,
    /// The text of a TOML file and the bytes that are wrong in it.
    snippet: Option<Box<(String, Range<usize>)>>,
}

impl Mistake {
    pub fn new(file: &Path, line: Option<u32>, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            message: message.into(),
            expected: None,
            hint: None,
            is_warning: false,
            snippet: None,
        }
    }

    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With a hint where there is one.
    #[must_use]
    pub fn hinted(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    #[must_use]
    pub fn warning(mut self) -> Self {
        self.is_warning = true;
        self
    }

    /// Points at bytes of the file's text; the line follows from them.
    #[must_use]
    pub fn at(mut self, text: &str, span: Range<usize>) -> Self {
        let start = span.start.min(text.len());
        self.line = Some(text[..start].matches('\n').count() as u32 + 1);
        self.snippet = Some(Box::new((text.to_owned(), start..span.end.clamp(start, text.len()))));
        self
    }

    /// As people read it: message, place, the line itself where it is known, expected, hint.
    pub fn render(&self, color: bool) -> String {
        let mut text = self.drawn(color);
        if let Some(hint) = &self.hint {
            let _ = write!(text, "\n  hint: {}", visible(hint));
        }
        text
    }

    /// All but the hint.
    pub fn text(&self) -> String {
        self.drawn(false)
    }

    fn drawn(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let level = if self.is_warning { Level::WARNING } else { Level::ERROR };
        let place = match self.line {
            Some(line) => format!("{}:{line}", self.file.display()),
            None => self.file.display().to_string(),
        };
        let message = visible(&self.message);
        let mut text = if let Some((source, span)) = self.snippet.as_deref() {
            let path = self.file.display().to_string();
            let annotation = AnnotationKind::Primary.span(span.clone());
            let snippet =
                Snippet::source(source.as_str()).path(path.as_str()).annotation(annotation);
            renderer.render(&[level.primary_title(message.as_str()).element(snippet)]).clone()
        } else {
            let word = if self.is_warning { "warning" } else { "error" };
            format!("{word}: {place}: {message}")
        };
        if let Some(expected) = &self.expected {
            let _ = write!(text, "\n  expected: {}", visible(expected));
        }
        text
    }
}

/// Signs that would move the cursor, colour a terminal or turn the direction of a text stand as what they are.
fn visible(text: &str) -> String {
    let hides = |sign: char| {
        (sign.is_control() && sign != '\n')
            || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(text.len());
    for sign in text.chars() {
        if hides(sign) { shown.extend(sign.escape_default()) } else { shown.push(sign) }
    }
    shown
}

/// The nearest of some names, where one is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    likeness::nearest(name, candidates)
}

/// "did you mean" for a hint, or the whole list where nothing is near.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    if let Some(candidate) = nearest(name, candidates.clone()) {
        format!("did you mean `{candidate}`?")
    } else {
        let all: Vec<&str> = candidates.into_iter().take(20).collect();
        if all.is_empty() {
            "there is none".to_owned()
        } else {
            format!("there is: {}", all.join(", "))
        }
    }
}
