//! What an error tells a person: what is wrong, and beside it what may help.

use std::error::Error;
use std::fmt;

/// What is wrong, and what may help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub text: String,
    pub hint: Option<String>,
}

impl Message {
    pub fn new(text: impl Into<String>, hint: Option<String>) -> Self {
        Self { text: text.into(), hint }
    }

    /// Without a hint.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(text, None)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// So that it can be the reason of an `io::Error`.
impl Error for Message {}

/// An error that may know what helps. Its text says what is wrong and holds no hint.
pub trait Hinted: Error {
    /// What may help; none where it has several messages, each with its own.
    fn hint(&self) -> Option<String>;

    /// One message below the other.
    fn messages(&self) -> Vec<Message> {
        vec![Message::new(self.to_string(), self.hint())]
    }

    /// The text with every hint in a line of its own, for a log or a record.
    fn with_hints(&self) -> String {
        let messages = self.messages().into_iter().map(|message| match message.hint {
            None => message.text,
            Some(hint) => format!("{}\nhint: {hint}", message.text),
        });
        messages.collect::<Vec<_>>().join("\n")
    }
}

impl Hinted for Message {
    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

/// Messages whose first begins with its place.
pub fn at(place: &dyn fmt::Display, mut messages: Vec<Message>) -> Vec<Message> {
    if let Some(first) = messages.first_mut() {
        first.text = format!("{place}: {}", first.text);
    }
    messages
}

/// One message behind its place, or each in a line below it.
pub fn listed(place: &dyn fmt::Display, parts: Vec<Vec<Message>>) -> Vec<Message> {
    if let [_] = parts.as_slice() {
        return at(place, parts.into_iter().flatten().collect());
    }
    let mut messages = vec![Message::plain(format!("{place}: {} problems", parts.len()))];
    for mut part in parts {
        if let Some(first) = part.first_mut() {
            first.text.insert_str(0, "  ");
        }
        messages.append(&mut part);
    }
    messages
}

/// The texts one below the other, without the hints.
pub fn texts(messages: &[Message]) -> String {
    let texts: Vec<&str> = messages.iter().map(|message| message.text.as_str()).collect();
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_its_hint_in_a_line_of_its_own_and_none_where_there_is_none() {
        assert_eq!(Message::new("a", Some("b".to_owned())).with_hints(), "a\nhint: b");
        assert_eq!(Message::plain("a").with_hints(), "a");
        assert_eq!(Message::new("a", Some("b".to_owned())).to_string(), "a");
    }

    #[test]
    fn one_message_stands_behind_its_place_and_several_below_it() {
        let one = vec![Message::new("a", Some("b".to_owned()))];
        let two = vec![Message::plain("c"), Message::plain("    d")];
        assert_eq!(texts(&listed(&"gp", vec![one.clone()])), "gp: a");
        let listed = listed(&"gp", vec![one, two]);
        assert_eq!(texts(&listed), "gp: 2 problems\n  a\n  c\n    d");
        assert_eq!(listed[1].hint.as_deref(), Some("b"));
    }
}
