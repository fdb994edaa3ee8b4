//! The canvas of plots: colors, panels, lines and boxes.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::axis::Axis;

/// Width of all plots; pages scale it.
pub(in crate::load) const WIDTH: u32 = 960;
/// Width of the labels of the vertical axis. The same for all plots, so that plots over time align.
const LEFT: u32 = 64;
const BOTTOM: u32 = 28;
const FONT: (&str, u32) = ("sans-serif", 15);

pub(super) type Area<'b> = DrawingArea<SVGBackend<'b>, Shift>;
pub(super) type Drawn = Result<(), Failure>;

type Failure = DrawingAreaErrorKind<std::io::Error>;

/// A color of the page, which defines its light and dark value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Ink {
    Text,
    Faint,
    Line,
    Bad,
    First,
    Second,
    Third,
    Fourth,
    Fifth,
    Sixth,
}

impl Ink {
    pub(in crate::load) const ALL: [Self; 10] = [
        Self::Text,
        Self::Faint,
        Self::Line,
        Self::Bad,
        Self::First,
        Self::Second,
        Self::Third,
        Self::Fourth,
        Self::Fifth,
        Self::Sixth,
    ];
    /// The colors of series.
    pub(super) const SERIES: [Self; 6] =
        [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Fifth, Self::Sixth];

    /// Name of the color in the page.
    pub(in crate::load) fn css(self) -> &'static str {
        match self {
            Self::Text => "var(--text)",
            Self::Faint => "var(--faint)",
            Self::Line => "var(--line)",
            Self::Bad => "var(--bad)",
            Self::First => "var(--first)",
            Self::Second => "var(--second)",
            Self::Third => "var(--third)",
            Self::Fourth => "var(--fourth)",
            Self::Fifth => "var(--fifth)",
            Self::Sixth => "var(--sixth)",
        }
    }

    /// Value of the color on white, the same as on a light page.
    pub(in crate::load) fn on_white(self) -> &'static str {
        match self {
            Self::Text => "#1c2128",
            Self::Faint | Self::Sixth => "#57606a",
            Self::Line => "#d0d7de",
            Self::Bad => "#cf222e",
            Self::First => "#0969da",
            Self::Second => "#bc4c00",
            Self::Third => "#1a7f37",
            Self::Fourth => "#8250df",
            Self::Fifth => "#bf3989",
        }
    }

    /// A placeholder for the color while drawing, since plotters does not support names.
    fn placeholder(self) -> RGBColor {
        RGBColor(1, 2, self as u8)
    }
}

/// A finished drawing: an `svg` element in the colors of the page.
pub(in crate::load) struct Drawing {
    /// Height at a width of [`WIDTH`].
    pub(in crate::load) height: u32,
    svg: String,
}

impl Drawing {
    /// The element without a size, which the page sets.
    pub(in crate::load) fn in_page(&self) -> String {
        self.svg.replacen(&self.size(), "role=\"img\"", 1)
    }

    /// The element on white, placed at `top` within another one of the same width.
    pub(in crate::load) fn on_white(&self, top: u32) -> String {
        let size = self.size();
        let placed = self.svg.replacen(&size, &format!("y=\"{top}\" {size}"), 1);
        Ink::ALL.iter().fold(placed, |svg, ink| svg.replace(ink.css(), ink.on_white()))
    }

    fn size(&self) -> String {
        format!("width=\"{WIDTH}\" height=\"{}\"", self.height)
    }
}

/// Draws on a canvas of a height.
pub(super) fn canvas(height: u32, draw: impl FnOnce(&Area<'_>) -> Drawn) -> Drawing {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
    let drawn = draw(&root).and_then(|()| root.present());
    drop(root);
    drawn.expect("drawing into memory does not fail");
    for ink in Ink::ALL {
        let RGBColor(red, green, blue) = ink.placeholder();
        svg = svg.replace(
            &format!("\"#{red:02X}{green:02X}{blue:02X}\""),
            &format!("\"{}\"", ink.css()),
        );
    }
    let drawn: Vec<_> = svg.lines().filter(|line| !is_point(line)).collect();
    Drawing { height, svg: drawn.join("\n") }
}

/// Whether an element is a line from a point to itself, which renderers ignore. The last dash that plotters draws may be
/// one.
fn is_point(element: &str) -> bool {
    let points = element.strip_prefix("<polyline").and_then(|line| line.split_once(" points=\""));
    points.is_some_and(|(_, points)| {
        let points = points.split('"').next().unwrap_or_default();
        let mut points = points.split_whitespace();
        let first = points.next();
        points.all(|point| Some(point) == first)
    })
}

/// A panel with axes.
pub(super) struct Panel<'a, 'b> {
    chart: ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>,
    /// Range of the vertical axis.
    height: (f64, f64),
}

impl<'a, 'b> Panel<'a, 'b> {
    /// Draws the axes, with a title above the vertical one.
    pub(super) fn new(area: &'a Area<'b>, title: &str, x: Axis, y: Axis) -> Result<Self, Failure> {
        let text = |ink: Ink| FONT.into_font().color(&ink.placeholder());
        let height = y.range;
        let labels = (x.ticks.len().max(1), y.ticks.len().max(1));
        let mut chart = ChartBuilder::on(area)
            .margin_top(28)
            .margin_right(32)
            .x_label_area_size(BOTTOM)
            .y_label_area_size(LEFT)
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .x_labels(labels.0)
            .y_labels(labels.1)
            .bold_line_style(Ink::Line.placeholder())
            .axis_style(Ink::Line.placeholder())
            .x_label_style(text(Ink::Faint))
            .y_label_style(text(Ink::Faint))
            .draw()?;
        area.draw_text(title, &text(Ink::Text), (8, 6))?;
        Ok(Self { chart, height })
    }

    /// Draws a line through points. Points without a value interrupt it.
    pub(super) fn line(&mut self, ink: Ink, points: &[(f64, Option<f64>)]) -> Drawn {
        let style = ink.placeholder().stroke_width(2);
        for run in runs(points) {
            if let [(x, y)] = run[..] {
                self.chart.draw_series([Circle::new((x, y), 2, ink.placeholder().filled())])?;
            } else {
                self.chart.draw_series(LineSeries::new(run, style))?;
            }
        }
        Ok(())
    }

    /// Draws a dashed line through points.
    pub(super) fn dashed(&mut self, ink: Ink, points: &[(f64, Option<f64>)]) -> Drawn {
        let style = ink.placeholder().stroke_width(2);
        for run in runs(points) {
            self.chart.draw_series(DashedLineSeries::new(run, 6, 4, style))?;
        }
        Ok(())
    }

    /// Draws a dot at each point with a value.
    pub(super) fn dots(&mut self, ink: Ink, points: &[(f64, Option<f64>)]) -> Drawn {
        let dots = runs(points).into_iter().flatten();
        let dots = dots.map(|at| Circle::new(at, 4, ink.placeholder().filled()));
        self.chart.draw_series(dots.collect::<Vec<_>>()).map(drop)
    }

    /// Draws filled rectangles, given by two corners and an opacity.
    pub(super) fn boxes(
        &mut self,
        ink: Ink,
        boxes: impl IntoIterator<Item = ([(f64, f64); 2], f64)>,
    ) -> Drawn {
        let boxes = boxes.into_iter().map(|(corners, opacity)| {
            Rectangle::new(corners, ink.placeholder().mix(opacity).filled())
        });
        let boxes: Vec<_> = boxes.collect();
        self.chart.draw_series(boxes).map(drop)
    }

    /// Shades a part of the horizontal axis.
    pub(super) fn shade(&mut self, from: f64, to: f64) -> Drawn {
        let corners = [(from, self.height.0), (to, self.height.1)];
        let shade = Ink::Faint.placeholder().mix(0.12).filled();
        self.chart.draw_series([Rectangle::new(corners, shade)]).map(drop)
    }
}

/// The sequences of points between those without a value.
fn runs(points: &[(f64, Option<f64>)]) -> Vec<Vec<(f64, f64)>> {
    let known = |run: &[(f64, Option<f64>)]| {
        run.iter().filter_map(|(at, value)| Some((*at, (*value)?))).collect::<Vec<_>>()
    };
    let runs = points.split(|(_, value)| value.is_none()).map(known);
    runs.filter(|run| !run.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_are_not_empty() {
        for end in 1..200 {
            let drawing = canvas(200, |area| {
                let axis = || Axis::plain((0.0, 800.0), Vec::new());
                let mut panel = Panel::new(area, "", axis(), axis())?;
                panel.dashed(Ink::First, &[(0.0, Some(0.0)), (f64::from(end), Some(0.0))])
            });
            let svg = drawing.in_page();
            assert!(svg.contains("<polyline"), "{end}");
            for line in svg.split("<polyline").skip(1) {
                let points = line.split(" points=\"").nth(1).unwrap().split('"').next().unwrap();
                let mut points: Vec<_> = points.split_whitespace().collect();
                points.dedup();
                assert!(points.len() > 1, "{end}: {line}");
            }
        }
    }
}
