//! The page of the explorer: its controls, which a script fills.

use maud::html;

use super::Edition;
use super::frame::Frame;
use crate::site::slug;

impl Edition<'_> {
    pub(super) fn explorer(self) -> String {
        let words = self.view.words;
        let say = |key: &str| words.say(&format!("explorer.{key}")).to_owned();
        let title = words.say("menu.explorer");
        let content = html! {
            h1 { (title) }
            noscript { p class="empty" { (say("no_script")) " " a href="indicators.html" { (words.say("menu.indicators")) } } }
            div id="explorer" hidden {
                p { (say("lead")) }
                form class="controls" {
                    div {
                        label for="search" { (say("search")) }
                        input id="search" type="search" autocomplete="off";
                        p id="found" class="small" role="status" aria-live="polite" {}
                        label for="indicator" { (say("indicator")) }
                        select id="indicator" size="8" {}
                    }
                    div {
                        fieldset { legend { (say("panels")) } div id="panels" class="boxes" {} }
                    }
                    div {
                        label for="breakdown" { (say("breakdown")) }
                        select id="breakdown" {}
                        fieldset { legend { (say("waves")) } div id="waves" class="boxes" {} }
                    }
                }
                h2 id="title" {}
                p id="shown" class="small" role="status" aria-live="polite" {}
                div id="chart" role="group" aria-label=(say("chart")) {}
                p class="small" { (say("key")) }
                details open { summary { (say("table")) } div id="table" class="scroll" role="region" tabindex="0" aria-label=(say("table")) {} }
                details { summary { (say("difference")) } div id="differences" class="scroll" role="region" tabindex="0" aria-label=(say("difference")) {} }
                p class="small" { a href="../explorer.licences.txt" { (say("licences")) } }
            }
        };
        let index = format!("data/index.{}.js", slug(&words.language));
        let scripts = ["explorer.js", index.as_str()];
        let frame = Frame {
            path: "explorer.html",
            title,
            description: title,
            kind: "explorer",
            scripts: &scripts,
        };
        self.framed(&frame, &content)
    }
}
