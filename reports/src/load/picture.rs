//! Plots as separate pictures, for slides, chats and issues.

use std::sync::Arc;

use hearback_contract::UnknownId;
use hearback_stats::{Comparison, LoadRecord};
use minijinja::{Value, context};
use resvg::{tiny_skia, usvg};

use super::plot::{self, Ink, Plot, WIDTH};
use super::{comparison, words};
use crate::shown::shown;
use crate::template::fill;

const TEMPLATE: &str = include_str!("picture.svg.jinja");
/// Pixels of a PNG per unit of the drawing, for high-density screens and print.
const DENSITY: u32 = 2;
/// Font sizes.
const HEADING: u32 = 20;
const TEXT: u32 = 12;
/// Line height.
const LINE: u32 = 18;
/// Maximum length of a line of text, in characters; fits text of the widest usual letters.
const COLUMNS: usize = 126;
const MARGIN: u32 = 8;

/// A record that has plots.
pub trait Pictured {
    /// The plots. Each includes its legend, subject and verdict, so that a picture of an invalid run is recognizable as
    /// such.
    fn pictures(&self) -> Vec<Picture>;
}

/// A plot as a picture.
#[derive(Clone)]
pub struct Picture {
    /// File name without extension.
    pub name: &'static str,
    svg: String,
}

/// A format of pictures.
#[derive(Debug)]
pub struct PictureFormat {
    /// Id, and extension of files.
    pub id: &'static str,
    /// The contents of the file.
    pub render: fn(&Picture) -> Vec<u8>,
}

/// All formats of pictures.
pub const PICTURE_FORMATS: &[PictureFormat] = &[
    PictureFormat { id: "png", render: png },
    PictureFormat { id: "svg", render: |picture| picture.svg.clone().into_bytes() },
];

impl PictureFormat {
    /// The format with this id.
    ///
    /// # Errors
    /// If no format has this id.
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

/// Lays out a picture: heading, subject and verdict, legend, drawing, caption.
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
        // Generated from numbers and from constant labels only.
        drawing => Value::from_safe_string(drawing),
    };
    Picture { name: plot.id, svg: fill([("picture.xml", TEMPLATE)], page) }
}

/// Renders a picture as PNG, with an embedded font, since the machine may have none.
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

    /// `PICTURES=FOLDER` writes the pictures to a folder for inspection.
    #[test]
    fn plots_are_pngs_of_the_right_size_in_several_colors() {
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
            // A sample, since a picture has millions of pixels.
            let some = pixels.pixels().iter().step_by(31);
            let colors: HashSet<_> = some.map(|p| (p.red(), p.green(), p.blue())).collect();
            assert!(colors.len() > 10, "{}: {} colors", picture.name, colors.len());
        }
    }

    /// Without the embedded font, pictures would silently lack text.
    #[test]
    fn text_is_drawn_without_system_fonts() {
        let record = example_record();
        let mut other = record.clone();
        other.run = "another".to_owned();
        let [one, other] = [record, other].map(|record| png(&record.pictures()[0]));
        assert!(one != other);
    }

    #[test]
    fn pictures_are_named_after_plots_and_include_the_verdict() {
        let pictures = example_record().pictures();
        let names: Vec<_> = pictures.iter().map(|picture| picture.name).collect();
        assert_eq!(names, ["spectrum", "heatmap", "rates", "errors", "generator", "sizes"]);
        for picture in pictures {
            assert!(!picture.svg.contains("var("), "{}: a color of a page", picture.name);
            assert!(picture.svg.contains("NOT MET: "), "{}", picture.name);
        }
    }

    #[test]
    fn colors_are_those_of_a_light_page() {
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
    fn text_of_a_record_is_escaped() {
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
    fn unknown_formats_list_all_formats() {
        let error = PictureFormat::by_id("jpg").unwrap_err();
        assert_eq!(error.to_string(), "unknown plot format `jpg`; expected `png` or `svg`");
    }
}
