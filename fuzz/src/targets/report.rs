//! What sources send: reports and what comes with them.

use std::sync::OnceLock;

use bytes::Bytes;
use domain::intake::{Desk, admit};
use domain::pack::County;
use domain::time::Timestamp;
use geodata::crs::Point;
use geodata::region::{Code, Level, Region, RegionTree};
use gridlamp::attachment;
use gridlamp::outside;

use super::{Target, texts};

pub(super) const INTAKE: Target = Target {
    name: "intake_report",
    seeds: || {
        texts(&[
            r#"{"source":"hotline","external_id":"1","title":"路灯不亮","category":"0704","region":"330899101"}"#,
            r#"{"source":"a","external_id":"2","title":"t","description":"d","level":"Ⅱ","lon":120.1,"lat":30.2,"crs":"gcj02","address":"莲花路 86 号","reporter":{"name":"张三","phone":"13800001234"},"occurred_at":"2026-11-22T14:30:00+08:00","attachments":["0000000000000000000000000000000000000000000000000000000000000000"]}"#,
            r#"{"source":null,"external_id":3,"title":[],"lon":"x","lat":1e999,"level":{},"attachments":{}}"#,
        ])
    },
    run: intake,
};

pub(super) const BODY: Target = Target {
    name: "report_body",
    seeds: || {
        texts(&[
            "[]",
            " [{\"a\":[1,2,{\"b\":null}]},7,\"x\"] ",
            "{\"title\":\"\\u8def\"}",
            "null",
        ])
    },
    run: |bytes| {
        let cut = outside::reports(bytes);
        let whole: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
        // What is cut need not be sound inside; what is sound must be cut.
        if let Ok(whole) = whole {
            let count = whole.as_array().map_or(1, Vec::len);
            assert_eq!(cut, Some(count));
        }
    },
};

pub(super) const ATTACHMENTS: Target = Target {
    name: "attachments",
    seeds: attachments,
    run: |bytes| {
        if let Ok((kind, kept)) = attachment::examine(Bytes::copy_from_slice(bytes)) {
            assert!(
                kept.len() <= bytes.len() + 64,
                "stripping adds nothing much"
            );
            let again = attachment::examine(kept.clone());
            assert_eq!(again, Ok((kind, kept)), "what is stripped stays as it is");
        }
    },
};

/// The county whose rules the targets go by.
pub(super) fn county() -> &'static County {
    static COUNTY: OnceLock<County> = OnceLock::new();
    COUNTY.get_or_init(|| County::default_for(tree()))
}

pub(super) fn tree() -> RegionTree {
    let regions = [
        ("330899", "样例县", Level::County),
        ("330899101", "城东街道", Level::Township),
        ("330899101001", "高塘村", Level::Village),
        ("330899101001001", "第一网格", Level::Grid),
    ];
    let regions = regions.into_iter().filter_map(|(code, name, level)| {
        Some(Region {
            code: code.parse().ok()?,
            name: name.to_owned(),
            level,
        })
    });
    RegionTree::new(regions.collect()).unwrap_or_else(|error| panic!("the tree: {error:?}"))
}

fn intake(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice(bytes) else {
        return;
    };
    let grid: Option<Code> = "330899101001001".parse().ok();
    let locate = |point: Point| grid.filter(|_| point.lon > 100.0);
    let desk = Desk {
        county: county(),
        locate: &locate,
        now: Timestamp::from_millis(1_795_000_000_000),
        source: None,
    };
    match admit(&value, desk) {
        Ok(report) => {
            let lon = report.place.lon.unwrap_or_default();
            let lat = report.place.lat.unwrap_or_default();
            assert!(lon.abs() <= 181.0 && lat.abs() <= 91.0, "{lon} {lat}");
            assert!(
                report
                    .attachments
                    .iter()
                    .all(|id| domain::intake::is_attachment_id(id))
            );
        }
        Err(refusals) => assert!(!refusals.is_empty(), "refused without a reason"),
    }
}

fn attachments() -> Vec<Vec<u8>> {
    let webp = b"RIFF\x32\0\0\0WEBPVP8X\x0a\0\0\0\x0c\0\0\0\x09\0\0\x09\0\0VP8L\x06\0\0\0\x2f\x09\x40\x02\x10\x07EXIF\x02\0\0\0ab";
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde\0\0\0\x0cIDAT\x08\xd7\x63\xf8\xcf\xc0\0\0\x03\x01\x01\0\x18\xdd\x8d\xb0\0\0\0\0IEND\xaeB\x60\x82";
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xe1\0\x22Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0\xff\xfe\0\x04hi\xff\xc0\0\x0b\x08\0\x08\0\x10\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0coded\xff\0\xff\xd0more\xff\xd9rest";
    let mp4 = b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x28moov\0\0\0\x20udta\0\0\0\x18\xa9xyz+30.27+120.15/\0\0\0\x0cmdatabcd";
    let pdf = b"%PDF-1.7\n%%EOF\n";
    [&webp[..], png, jpeg, mp4, pdf]
        .map(<[u8]>::to_vec)
        .to_vec()
}
