//! Plots as pictures that stand alone: for slides, chats and issues.

use std::sync::Arc;

use hearback_contract::UnknownId;
use hearback_stats::{Comparison, LoadRecord};
use minijinja::{Value, context};
use resvg::{tiny_skia, usvg};

use super::plot::{self, Ink, Plot, WIDTH};
use super::{comparison, words};
use crate::html::fill;
use crate::shown::shown;

const TEMPLATE: &str = include_str!("picture.svg.jinja");
/// Pixels of a PNG for each unit of the drawing: sharp on dense screens, and in print.
const DENSITY: u32 = 2;
/// Sizes of letters.
const HEADING: u32 = 20;
const TEXT: u32 = 12;
/// From one line of text to the next.
const LINE: u32 = 18;
/// Characters of a line of text, so that the widest usual text fits.
const COLUMNS: usize = 126;
const MARGIN: u32 = 8;

/// A record that has plots.
pub trait Pictured {
    /// Its plots, each with its legend, and with what it is about and what came of it: who sees a picture
    /// alone must not take an invalid run for a good one.
    fn pictures(&self) -> Vec<Picture>;
}

/// A plot as a picture of its own.
#[derive(Clone)]
pub struct Picture {
    /// What its file is called, without extension.
    pub name: &'static str,
    svg: String,
}

/// A format of pictures.
#[derive(Debug)]
pub struct PictureFormat {
    /// What it is asked for by, and the extension of its files.
    pub id: &'static str,
    /// The contents of the file.
    pub render: fn(&Picture) -> Vec<u8>,
}

/// Every format of pictures.
pub const PICTURE_FORMATS: &[PictureFormat] = &[
    PictureFormat { id: "png", render: png },
    PictureFormat { id: "svg", render: |picture| picture.svg.clone().into_bytes() },
];

impl PictureFormat {
    /// The format of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn by_id(id: &str) -> Result<&'static Self, UnknownId> {
        let format = PICTURE_FORMATS.iter().find(|format| format.id == id);
        format.ok_or_else(|| UnknownId::new("plot format", id, ids()))
    }
}

fn ids() -> Vec<&'static str> {
    PICTURE_FORMATS.iter().map(|format| format.id).collect()
}

impl Pictured for LoadRecord {
    fn pictures(&self) -> Vec<Picture> {
        let quoted = |text: &str| shown(text);
        let about = format!(
            "Load on {}, profile {}, run {}, {}",
            quoted(&self.target),
            quoted(&self.profile.name),
            quoted(&self.run),
            quoted(&self.started_at)
        );
        let verdict = words::verdict(self, quoted);
        plot::plots(self).iter().map(|plot| picture(plot, &[&about, &verdict])).collect()
    }
}

impl Pictured for Comparison {
    fn pictures(&self) -> Vec<Picture> {
        let about = comparison::subject(self, shown);
        let verdict = comparison::verdict(self);
        let plot = plot::compared(&self.pooled);
        plot.iter().map(|plot| picture(plot, &[&about, &verdict])).collect()
    }
}

/// Lays a picture out: heading, what it is about, legend, drawing, caption.
fn picture(plot: &Plot, about: &[&str]) -> Picture {
    let mut bottom = MARGIN + HEADING;
    let line = |text: String, size, ink: Ink, y: u32| {
        context! { text => text, size => size, color => ink.on_white(), y => y }
    };
    let mut lines = vec![line(plot.title.to_owned(), HEADING, Ink::Text, bottom)];
    bottom += MARGIN;
    let mut paragraph = |text: &str, bottom: &mut u32| {
        for text in textwrap::wrap(text, COLUMNS) {
            *bottom += LINE;
            lines.push(line(text.into_owned(), TEXT, Ink::Faint, *bottom - LINE / 4));
        }
    };
    about.iter().for_each(|text| paragraph(text, &mut bottom));
    bottom += MARGIN;
    let mut legend = Vec::new();
    for row in plot.legend.chunks(2) {
        bottom += LINE;
        for (key, x) in row.iter().zip([MARGIN, WIDTH / 2]) {
            legend.push(context! {
                x => x,
                y => bottom - LINE / 4,
                color => key.ink.on_white(),
                is_dashed => key.is_dashed,
                label => &key.label,
            });
        }
    }
    bottom += MARGIN;
    let drawing = plot.drawing.on_white(bottom);
    bottom += plot.drawing.height;
    paragraph(plot.caption, &mut bottom);
    let page = context! {
        width => WIDTH,
        height => bottom + MARGIN,
        margin => MARGIN,
        size => TEXT,
        text => Ink::Text.on_white(),
        lines => lines,
        legend => legend,
        // Made here, of numbers and of words of our own.
        drawing => Value::from_safe_string(drawing),
    };
    Picture { name: plot.id, svg: fill([("picture.xml", TEMPLATE)], page) }
}

/// The same picture as pixels, in a font that is brought along: there may be none where it is made.
fn png(picture: &Picture) -> Vec<u8> {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = usvg::Options { fontdb: Arc::new(fonts), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(&picture.svg, &options).expect("the drawing is well formed");
    let size = tree.size().to_int_size().scale_by(DENSITY as f32).expect("a picture has a size");
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).expect("of some pixels");
    let scale = tiny_skia::Transform::from_scale(DENSITY as f32, DENSITY as f32);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    pixels.encode_png().expect("encoding into memory does not fail")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use hearback_testkit::load::example_record;

    use super::*;
    use crate::fixtures::HOSTILE;
    use crate::load::comparison::fixtures;
    use crate::markup::tags;

    const PAGE: &str = include_str!("../page.html.jinja");
    const FIGURES: &str = include_str!("figures.css");

    /// With `PICTURES=FOLDER` they are written there, to be looked at.
    #[test]
    fn every_plot_is_a_png_of_the_right_size_in_several_colours() {
        let pictures = [example_record().pictures(), fixtures::worse().pictures()].concat();
        assert_eq!(pictures.len(), 7);
        for (index, picture) in pictures.iter().enumerate() {
            let png = png(picture);
            if let Some(folder) = std::env::var_os("PICTURES") {
                let file = format!("{index}-{}.png", picture.name);
                std::fs::write(std::path::Path::new(&folder).join(file), &png).unwrap();
            }
            assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "{}", picture.name);
            let pixels = tiny_skia::Pixmap::decode_png(&png).unwrap();
            let tag = tags(&format!("<!doctype html>{}", picture.svg))[0].to_owned();
            let height = pixels.height() / DENSITY;
            assert_eq!(pixels.width(), WIDTH * DENSITY);
            assert!(tag.contains(&format!("height=\"{height}\"")), "{height}: {tag}");
            // Not all of them: a picture has millions.
            let some = pixels.pixels().iter().step_by(31);
            let colours: HashSet<_> = some.map(|p| (p.red(), p.green(), p.blue())).collect();
            assert!(colours.len() > 10, "{}: {} colours", picture.name, colours.len());
        }
    }

    /// Without its font, a picture would have no letters, and nothing would say so.
    #[test]
    fn text_is_drawn_with_no_font_of_the_machine() {
        let record = example_record();
        let mut other = record.clone();
        other.run = "another".to_owned();
        let [one, other] = [record, other].map(|record| png(&record.pictures()[0]));
        assert!(one != other);
    }

    #[test]
    fn pictures_are_named_after_the_plots_and_stand_alone() {
        let pictures = example_record().pictures();
        let names: Vec<_> = pictures.iter().map(|picture| picture.name).collect();
        assert_eq!(names, ["spectrum", "heatmap", "rates", "errors", "generator", "sizes"]);
        for picture in pictures {
            assert!(!picture.svg.contains("var("), "{}: a colour of a page", picture.name);
            assert!(picture.svg.contains("NOT MET: "), "{}", picture.name);
        }
    }

    #[test]
    fn colours_are_those_of_a_light_page() {
        for ink in Ink::ALL {
            let name = ink.css().trim_start_matches("var(").trim_end_matches(')');
            let (_, value) = [PAGE, FIGURES]
                .iter()
                .find_map(|css| css.split_once(&format!("{name}: ")))
                .unwrap_or_else(|| panic!("{name}"));
            assert_eq!(value.split(';').next(), Some(ink.on_white()), "{name}");
        }
    }

    #[test]
    fn nothing_of_a_record_is_markup() {
        let mut record = example_record();
        record.target = format!("{HOSTILE}</text><script>alert(1)</script>");
        record.profile.name = record.target.clone();
        record.run = record.target.clone();
        record.started_at = record.target.clone();
        let pictures = record.pictures();
        for picture in &pictures {
            let page = format!("<!doctype html>{}", picture.svg);
            assert!(!tags(&page).contains(&"script"));
        }
        assert!(png(&pictures[0]).len() > 1_000);
    }

    #[test]
    fn an_unknown_format_names_those_that_there_are() {
        let error = PictureFormat::by_id("jpg").unwrap_err();
        assert_eq!(error.to_string(), "unknown plot format `jpg`; expected `png` or `svg`");
    }
}
