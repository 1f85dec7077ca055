//! Sheets of paper: what is drawn on each, in points from the upper left corner, and where the next
//! thing goes. Nothing is written yet, so that the last page can be counted on the first.

use super::face::Face;

/// A4.
pub const WIDTH: f32 = 595.28;
/// A4.
pub const HEIGHT: f32 = 841.89;
/// White on the left and right.
pub const MARGIN: f32 = 42.0;
/// Where the first thing on a page goes.
const TOP: f32 = 56.0;
/// Nothing goes below this but the foot.
pub const BOTTOM: f32 = HEIGHT - 52.0;
/// The width between the margins.
pub const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// How far apart lines stand, in sizes.
pub const LEADING: f32 = 1.45;

/// A colour: red, green and blue.
pub type Ink = [u8; 3];

/// Text.
pub const INK: Ink = [0x14, 0x25, 0x3b];
/// What explains.
pub const QUIET: Ink = [0x5a, 0x69, 0x7d];
/// Rules and edges.
pub const EDGE: Ink = [0xc6, 0xd1, 0xde];
/// Behind heads of tables.
pub const WASH: Ink = [0xee, 0xf3, 0xf9];
/// Headings and the clock's line.
pub const ACCENT: Ink = [0x0b, 0x57, 0x9f];
/// Overdue, and nothing else.
pub const RED: Ink = [0xc4, 0x26, 0x26];
/// In time.
pub const GREEN: Ink = [0x15, 0x7a, 0x47];
/// What is doubted.
pub const AMBER: Ink = [0xa8, 0x62, 0x00];
/// An exercise.
pub const DRILL: Ink = [0x6a, 0x3f, 0xa0];

/// A line of text.
#[derive(Clone, Debug)]
pub struct Text {
    /// Where it begins.
    pub x: f32,
    /// Where it stands.
    pub baseline: f32,
    /// How big it is.
    pub size: f32,
    /// Its colour.
    pub ink: Ink,
    /// Whether it is heavier.
    pub is_bold: bool,
    /// What it says.
    pub words: String,
}

/// A shape.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Its corners.
    pub points: Vec<(f32, f32)>,
    /// Whether the last is joined to the first.
    pub is_closed: bool,
    /// What it is filled with.
    pub fill: Option<Ink>,
    /// The colour and width of its edge.
    pub edge: Option<(Ink, f32)>,
    /// Dashes and gaps of its edge.
    pub dash: Vec<f32>,
    /// How much of what lies below is hidden, 0 to 1.
    pub opacity: f32,
}

/// Something drawn.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A line of text.
    Text(Text),
    /// A shape.
    Shape(Shape),
    /// From here on only within this: left, top, width, height.
    Clip([f32; 4]),
    /// The end of the last [`Mark::Clip`].
    Unclip,
}

/// The sheets so far.
pub struct Sheets<'a> {
    /// What measures text.
    pub face: &'a Face,
    /// What stands on each.
    pub pages: Vec<Vec<Mark>>,
    /// Where the next thing goes on the last one.
    pub y: f32,
}

impl<'a> Sheets<'a> {
    /// One empty sheet.
    pub fn new(face: &'a Face) -> Self {
        Self {
            face,
            pages: vec![Vec::new()],
            y: TOP,
        }
    }

    /// Begins a new sheet unless there is so much room left; whether it did.
    pub fn need(&mut self, height: f32) -> bool {
        let is_full = self.y + height > BOTTOM && self.y > TOP;
        if is_full {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
        is_full
    }

    /// Draws on the last sheet.
    pub fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// One line of text.
    pub fn text(&mut self, x: f32, baseline: f32, size: f32, ink: Ink, text: &str) {
        self.put(Mark::Text(Text {
            x,
            baseline,
            size,
            ink,
            is_bold: false,
            words: text.to_owned(),
        }));
    }

    /// One heavier line of text.
    pub fn bold(&mut self, x: f32, baseline: f32, size: f32, ink: Ink, text: &str) {
        self.put(Mark::Text(Text {
            x,
            baseline,
            size,
            ink,
            is_bold: true,
            words: text.to_owned(),
        }));
    }

    /// A straight line.
    pub fn rule(&mut self, from: (f32, f32), to: (f32, f32), ink: Ink, width: f32) {
        self.put(Mark::Shape(Shape {
            points: vec![from, to],
            edge: Some((ink, width)),
            opacity: 1.0,
            ..Shape::default()
        }));
    }

    /// A filled rectangle: left, top, width, height.
    pub fn fill(&mut self, [x, y, w, h]: [f32; 4], ink: Ink) {
        self.put(Mark::Shape(Shape {
            points: vec![(x, y), (x + w, y), (x + w, y + h), (x, y + h)],
            is_closed: true,
            fill: Some(ink),
            opacity: 1.0,
            ..Shape::default()
        }));
    }

    /// The edge of a rectangle: left, top, width, height.
    pub fn frame(&mut self, [x, y, w, h]: [f32; 4], ink: Ink, width: f32) {
        self.put(Mark::Shape(Shape {
            points: vec![(x, y), (x + w, y), (x + w, y + h), (x, y + h)],
            is_closed: true,
            edge: Some((ink, width)),
            opacity: 1.0,
            ..Shape::default()
        }));
    }

    /// A disc, filled, with an edge.
    pub fn disc(&mut self, (x, y): (f32, f32), radius: f32, fill: Ink, edge: Ink) {
        const CORNERS: usize = 24;
        let corner = |n: usize| {
            let angle = n as f32 / CORNERS as f32 * std::f32::consts::TAU;
            (x + radius * angle.cos(), y + radius * angle.sin())
        };
        self.put(Mark::Shape(Shape {
            points: (0..CORNERS).map(corner).collect(),
            is_closed: true,
            fill: Some(fill),
            edge: Some((edge, 1.0)),
            opacity: 1.0,
            ..Shape::default()
        }));
    }

    /// A heading with its rule; what follows it begins on the same sheet.
    pub fn heading(&mut self, text: &str, follows: f32) {
        self.y += 12.0;
        self.need(26.0 + follows);
        self.fill([MARGIN, self.y + 2.0, 3.0, 13.0], ACCENT);
        self.bold(MARGIN + 9.0, self.y + 13.0, 12.0, INK, text);
        self.y += 24.0;
    }

    /// A paragraph between the margins.
    pub fn paragraph(&mut self, text: &str, size: f32, ink: Ink) {
        for line in self.face.lines(text, size, INNER) {
            self.need(size * LEADING);
            self.text(MARGIN, self.y + size, size, ink, &line);
            self.y += size * LEADING;
        }
    }
}
