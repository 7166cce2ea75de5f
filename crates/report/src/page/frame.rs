//! What every page has around its content.

use maud::{DOCTYPE, Markup, html};

use super::Edition;
use crate::release::manifest::Finality;

/// Nothing but the style sheet and pictures of the site itself.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";
/// The same with the scripts of the site.
const SCRIPTS: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'";

pub struct Frame<'a> {
    /// Below the language's folder, e.g. `figure/f1.html`.
    pub path: &'a str,
    pub title: &'a str,
    pub description: &'a str,
    pub kind: &'a str,
    pub scripts: &'a [&'a str],
}

const MENU: [(&str, &str); 6] = [
    ("figures.html", "menu.figures"),
    ("explorer.html", "menu.explorer"),
    ("indicators.html", "menu.indicators"),
    ("panels.html", "menu.panels"),
    ("method.html", "menu.method"),
    ("downloads.html", "menu.downloads"),
];
const FOOT: [(&str, &str); 5] = [
    ("brochure.html", "menu.brochure"),
    ("disclosure.html", "menu.disclosure"),
    ("release.html", "menu.release"),
    ("accessibility.html", "menu.accessibility"),
    ("method.html", "menu.method"),
];

impl Edition<'_> {
    /// From the page up to the folder of the site.
    pub(super) fn root(path: &str) -> String {
        "../".repeat(path.matches('/').count() + 1)
    }

    pub(super) fn framed(self, frame: &Frame<'_>, content: &Markup) -> String {
        let words = self.view.words;
        let root = Self::root(frame.path);
        let home = format!("{root}{}/", words.language);
        let monitor = self.view.monitor();
        let policy = if frame.scripts.is_empty() { POLICY } else { SCRIPTS };
        let title = if frame.title == monitor {
            monitor.clone()
        } else {
            format!("{} – {monitor}", frame.title)
        };
        let is_marked = self.mark.is_shown();
        let page = html! {
            (DOCTYPE)
            html lang=(words.spoken) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) }
                    meta name="description" content=(frame.description);
                    @if is_marked { meta name="robots" content="noindex"; }
                    meta name="generator" content="peil report";
                    link rel="stylesheet" href=(format!("{root}style.css"));
                    @for other in self.all {
                        link rel="alternate" hreflang=(other.language) href=(format!("{root}{}/{}", other.language, frame.path));
                    }
                    @for script in frame.scripts { script defer src=(format!("{root}{script}")) {} }
                }
                body class=(frame.kind) data-watermark=[is_marked.then(|| self.watermark())] {
                    a class="skip" href="#content" { (words.say("menu.skip")) }
                    header class="site" {
                        div class="inner" {
                            a class="brand" href=(format!("{home}index.html")) { (monitor) }
                            (self.switch(frame.path, &root))
                            nav aria-label=(words.say("menu.main")) {
                                ul {
                                    @for (path, word) in MENU {
                                        li { a href=(format!("{home}{path}")) aria-current=[(path == frame.path).then_some("page")] { (words.say(word)) } }
                                    }
                                }
                            }
                        }
                    }
                    (self.notices())
                    main id="content" { (content) }
                    footer class="site" {
                        div class="inner" {
                            p { (words.fill("foot.release", &[("monitor", &monitor), ("release", &self.view.release.manifest.release)])) }
                            ul {
                                @for (path, word) in FOOT { li { a href=(format!("{home}{path}")) { (words.say(word)) } } }
                            }
                        }
                    }
                }
            }
        };
        page.into_string()
    }

    fn switch(self, path: &str, root: &str) -> Markup {
        html! {
            @if self.all.len() > 1 {
                ul class="languages" aria-label=(self.view.words.say("menu.languages")) {
                    @for other in self.all {
                        @let is_this = other.language == self.view.words.language;
                        li {
                            a href=(format!("{root}{}/{path}", other.language)) hreflang=(other.language) lang=(other.spoken)
                                aria-current=[is_this.then_some("true")] { (other.say("name")) }
                        }
                    }
                }
            }
        }
    }

    /// Synthetic, draft, provisional, under embargo: said on every page.
    pub(super) fn notices(self) -> Markup {
        let words = self.view.words;
        let notice = self.view.notice();
        html! {
            @if !notice.is_empty() || self.mark.is_shown() {
                aside class="notice" aria-label=(words.say("notice.label")) {
                    div class="inner" {
                        @if !notice.is_empty() { p { strong { (notice) } } }
                        @if self.mark.is_shown() { p { (self.state()) } }
                    }
                }
            }
        }
    }

    fn watermark(self) -> String {
        let words = self.view.words;
        let word = if self.mark.is_embargoed {
            "mark.embargo"
        } else if self.mark.finality == Finality::Draft {
            "mark.draft"
        } else {
            "mark.provisional"
        };
        words.say(word).to_owned()
    }

    fn state(self) -> String {
        let words = self.view.words;
        let until = self.view.release.manifest.publication.embargo_until.as_deref();
        let state = words.say(match self.mark.finality {
            Finality::Draft => "notice.draft",
            _ => "notice.provisional",
        });
        match until.filter(|_| self.mark.is_embargoed) {
            Some(until) => {
                format!("{} {}", words.fill("notice.embargo", &[("until", until)]), state)
            }
            None => state.to_owned(),
        }
    }

    /// The first page of the site: which language.
    pub(super) fn languages(self) -> String {
        let monitor = self.view.monitor();
        let page = html! {
            (DOCTYPE)
            html lang=(self.view.words.spoken) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (monitor) }
                    @if self.mark.is_shown() { meta name="robots" content="noindex"; }
                    link rel="stylesheet" href="style.css";
                    @for other in self.all { link rel="alternate" hreflang=(other.language) href=(format!("{}/index.html", other.language)); }
                }
                body class="choose" {
                    main id="content" {
                        h1 { (monitor) }
                        ul {
                            @for other in self.all {
                                @let notice = crate::View { words: other, ..self.view }.notice();
                                li lang=(other.spoken) {
                                    a href=(format!("{}/index.html", other.language)) hreflang=(other.language) { (other.say("name")) }
                                    @if !notice.is_empty() { p { (notice) } }
                                }
                            }
                        }
                    }
                }
            }
        };
        page.into_string()
    }
}
