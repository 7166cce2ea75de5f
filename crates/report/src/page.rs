//! All pages of a site.

mod about;
mod brochure;
mod choose;
mod element;
mod fieldwork;
mod figure;
mod figure_table;
mod frame;
mod indicator;
mod lists;
mod method;
mod question;
mod since;
mod start;

use crate::chart::Layout;
use crate::download;
use crate::explorer;
use crate::figure::Content;
use crate::figure::draw;
use crate::release::Release;
use crate::release::manifest::Finality;
use crate::release::since::Since;
use crate::site::{Folder, slug};
use crate::words::Words;
use crate::{Error, Summary, View};

const STYLE: &str = include_str!("../assets/style.css");

/// How the pages are marked.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub finality: Finality,
    pub is_embargoed: bool,
}

impl Mark {
    /// Whether a watermark stands behind the pages and search engines are sent away.
    pub fn is_shown(self) -> bool {
        self.finality != Finality::Final || self.is_embargoed
    }
}

/// A language of the site, with what every page needs to know.
#[derive(Clone, Copy)]
pub struct Edition<'a> {
    pub view: View<'a>,
    pub mark: Mark,
    /// What an earlier release said otherwise; none where there is none to compare with.
    pub since: Option<&'a Since>,
    /// All languages: a page exists in each, at the same path.
    pub all: &'a [Words],
}

pub fn write(
    release: &Release,
    tables: &[Words],
    (mark, since): (Mark, Option<&Since>),
    folder: &mut Folder,
) -> Result<Summary, Error> {
    folder.write("style.css", "style", STYLE.as_bytes())?;
    let editions: Vec<Edition<'_>> = tables
        .iter()
        .map(|words| Edition { view: View { release, words }, mark, since, all: tables })
        .collect();
    for edition in &editions {
        edition.write(folder)?;
    }
    if let Some(first) = editions.first() {
        folder.write("index.html", "languages", first.languages().as_bytes())?;
    }
    data(release, tables, folder)?;
    explorer::write(release, tables, folder)?;
    Ok(Summary {
        release: release.manifest.release.clone(),
        languages: tables.iter().map(|words| words.language.clone()).collect(),
        pages: folder.pages,
        files: folder.files + 1,
        bytes: folder.bytes,
        is_marked: mark.is_shown(),
        notes: Vec::new(),
    })
}

impl<'a> Edition<'a> {
    fn write(self, folder: &mut Folder) -> Result<(), Error> {
        let contents: Vec<Content<'a>> =
            self.view.release.figures.iter().map(|figure| Content::of(self.view, figure)).collect();
        self.page(folder, "index.html", "start", &self.start(&contents))?;
        self.page(folder, "figures.html", "figures", &self.figures(&contents))?;
        self.page(folder, "indicators.html", "indicators", &self.indicators())?;
        self.page(folder, "panels.html", "panels", &self.panels())?;
        self.page(folder, "method.html", "method", &self.method())?;
        self.page(folder, "disclosure.html", "disclosure", &self.disclosure())?;
        self.page(folder, "downloads.html", "downloads", &self.downloads(&contents))?;
        self.page(folder, "accessibility.html", "accessibility", &self.accessibility())?;
        self.page(folder, "release.html", "release", &self.release_notes())?;
        self.page(folder, "explorer.html", "explorer", &self.explorer())?;
        for content in &contents {
            self.write_figure(folder, content)?;
        }
        let charts: Vec<_> =
            contents.iter().map(|content| (content, draw::chart(self.view, content))).collect();
        self.page(folder, "brochure.html", "brochure", &self.brochure(&charts))?;
        for indicator in 0..self.view.release.dimensions.indicators.len() {
            self.write_indicator(folder, indicator)?;
        }
        for panel_wave in self.panel_waves() {
            let path = self.panel_wave_path(panel_wave);
            self.page(folder, &path, &path, &self.panel_wave(panel_wave))?;
        }
        Ok(())
    }

    fn page(self, folder: &mut Folder, path: &str, of: &str, html: &str) -> Result<(), Error> {
        folder.write(&format!("{}/{path}", self.view.words.language), of, html.as_bytes())
    }

    fn write_figure(self, folder: &mut Folder, content: &Content<'_>) -> Result<(), Error> {
        let name = slug(&content.figure.key);
        let language = &self.view.words.language;
        let of = format!("figure {}", content.figure.key);
        let chart = draw::chart(self.view, content);
        let mut add = |ending: &str, bytes: &[u8]| {
            folder.write(&format!("{language}/figure/{name}.{ending}"), &of, bytes)
        };
        add("html", self.figure(content, &chart).as_bytes())?;
        add("svg", chart.to_svg(Layout::Wide).as_bytes())?;
        add("vl.json", format!("{}\n", chart.to_vega_lite()).as_bytes())?;
        add("csv", &download::csv(self.view, content)?)?;
        add("xlsx", &download::workbook(self.view, content)?)
    }

    fn write_indicator(self, folder: &mut Folder, indicator: usize) -> Result<(), Error> {
        let key = &self.view.release.dimensions.indicators[indicator].key;
        let language = &self.view.words.language;
        let path = format!("{language}/indicator/{}.html", slug(key));
        folder.write(&path, &format!("indicator {key}"), self.indicator(indicator).as_bytes())
    }
}

/// The figures of each indicator, once for all languages.
fn data(release: &Release, tables: &[Words], folder: &mut Folder) -> Result<(), Error> {
    let views: Vec<View<'_>> = tables.iter().map(|words| View { release, words }).collect();
    folder.write("data/labels.csv", "labels", &download::labels(&views)?)?;
    let Some(view) = views.first() else { return Ok(()) };
    for (place, indicator) in release.dimensions.indicators.iter().enumerate() {
        let csv = download::indicator(*view, place)?;
        let path = format!("data/{}.csv", slug(&indicator.key));
        folder.write(&path, &format!("indicator {}", indicator.key), &csv)?;
    }
    Ok(())
}
