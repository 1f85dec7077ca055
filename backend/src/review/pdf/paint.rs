//! Writes sheets as PDF: the text can be searched and copied, and of the font only what is used is
//! in the file.

use anyhow::{Context, anyhow};
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;

use super::face::Face;
use super::sheet::{DRILL, HEIGHT, Ink, Mark, Shape, Text, WIDTH};

/// How much heavier bold is: the width of its edge, in sizes.
const BOLD: f32 = 0.035;

/// What the file says of itself.
pub struct About {
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub author: String,
    /// A tag such as `zh-CN`.
    pub language: String,
    /// When it was made: year, month, day, hour, minute, second of UTC+8.
    pub made: (u16, u8, u8, u8, u8, u8),
    /// What stands across every sheet.
    pub across: Option<String>,
}

/// The file.
///
/// # Errors
/// It can't be written.
pub fn write(face: &Face, pages: &[Vec<Mark>], about: &About) -> anyhow::Result<Vec<u8>> {
    let mut document = Document::new();
    document.set_metadata(metadata(about));
    for marks in pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).context("no such sheet")?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        if let Some(text) = &about.across {
            across(&mut surface, face, text);
        }
        for mark in marks {
            draw(&mut surface, face, mark);
        }
        surface.finish();
        page.finish();
    }
    let written = document.finish();
    written.map_err(|error| anyhow!("the PDF can't be written: {error:?}"))
}

fn metadata(about: &About) -> Metadata {
    let (year, month, day, hour, minute, second) = about.made;
    let made = DateTime::new(year)
        .month(month)
        .day(day)
        .hour(hour)
        .minute(minute)
        .second(second)
        .utc_offset_hour(8)
        .utc_offset_minute(0);
    Metadata::new()
        .title(about.title.clone())
        .authors(vec![about.author.clone()])
        .creator("Gridlamp".to_owned())
        .language(about.language.clone())
        .creation_date(made)
}

fn draw(surface: &mut Surface<'_>, face: &Face, mark: &Mark) {
    match mark {
        Mark::Text(text) => set(surface, face, text),
        Mark::Shape(shape) => shape_of(surface, shape),
        Mark::Clip(area) => {
            // Each is ended by one [`Mark::Unclip`], whatever it holds.
            match rectangle(*area) {
                Some(path) => surface.push_clip_path(&path, &FillRule::NonZero),
                None => surface.push_transform(&Transform::identity()),
            }
        }
        Mark::Unclip => surface.pop(),
    }
}

fn set(surface: &mut Surface<'_>, face: &Face, text: &Text) {
    if text.words.is_empty() {
        return;
    }
    surface.set_fill(Some(fill(text.ink, 1.0)));
    let edge = text.is_bold.then(|| stroke(text.ink, text.size * BOLD));
    surface.set_stroke(edge);
    let at = Point::from_xy(text.x, text.baseline);
    let glyphs = face.glyphs(&text.words);
    surface.draw_glyphs(at, &glyphs, face.font(), &text.words, text.size, false);
}

fn shape_of(surface: &mut Surface<'_>, shape: &Shape) {
    let Some(path) = path(&shape.points, shape.is_closed) else {
        return;
    };
    surface.set_fill(shape.fill.map(|ink| fill(ink, shape.opacity)));
    surface.set_stroke(shape.edge.map(|(ink, width)| {
        let dash = (!shape.dash.is_empty()).then(|| StrokeDash {
            array: shape.dash.clone(),
            offset: 0.0,
        });
        Stroke {
            dash,
            opacity: NormalizedF32::new(shape.opacity).unwrap_or(NormalizedF32::ONE),
            ..stroke(ink, width)
        }
    }));
    if shape.fill.is_some() || shape.edge.is_some() {
        surface.draw_path(&path);
    }
}

/// Two letters large and pale across the sheet: what is an exercise is never taken for the real thing.
fn across(surface: &mut Surface<'_>, face: &Face, text: &str) {
    let size = 150.0;
    let width = face.width(text, size);
    surface.push_transform(&Transform::from_rotate_at(-32.0, WIDTH / 2.0, HEIGHT / 2.0));
    surface.set_fill(Some(fill(DRILL, 0.07)));
    surface.set_stroke(None);
    let at = Point::from_xy((WIDTH - width) / 2.0, HEIGHT / 2.0 + size * 0.35);
    surface.draw_glyphs(at, &face.glyphs(text), face.font(), text, size, false);
    surface.pop();
}

fn fill(ink: Ink, opacity: f32) -> Fill {
    Fill {
        paint: rgb::Color::new(ink[0], ink[1], ink[2]).into(),
        opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE),
        rule: FillRule::NonZero,
    }
}

fn stroke(ink: Ink, width: f32) -> Stroke {
    Stroke {
        paint: rgb::Color::new(ink[0], ink[1], ink[2]).into(),
        width,
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..Stroke::default()
    }
}

fn path(points: &[(f32, f32)], is_closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    let (first, others) = points.split_first()?;
    builder.move_to(first.0, first.1);
    for (x, y) in others {
        builder.line_to(*x, *y);
    }
    if is_closed {
        builder.close();
    }
    builder.finish()
}

fn rectangle([x, y, w, h]: [f32; 4]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    builder.push_rect(Rect::from_xywh(x, y, w, h)?);
    builder.finish()
}
