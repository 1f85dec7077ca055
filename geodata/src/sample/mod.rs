//! Temporary stand-in.
#![allow(missing_docs)]
use serde_json::{json, Value};
pub struct SamplePack { pub regions_geojson: String, pub layers: Vec<(String, String)> }
fn cell(code: String, name: String, level: &str, b: [f64; 4]) -> Value {
    json!({"type":"Feature","properties":{"code":code,"name":name,"level":level,"synthetic":true,"lx":(b[0]+b[2])/2.0,"ly":(b[1]+b[3])/2.0},
    "geometry":{"type":"Polygon","coordinates":[[[b[0],b[1]],[b[2],b[1]],[b[2],b[3]],[b[0],b[3]],[b[0],b[1]]]]}})
}
pub fn county(_seed: u64) -> SamplePack {
    let mut f = vec![cell("330899".into(), "青溪县".into(), "county", [118.75, 28.8, 119.15, 29.12])];
    let names = ["樟潭街道","莲溪镇","双桥乡","湖南镇","全旺镇","杜泽镇","高家镇","大洲镇","航埠镇","周家乡","岭洋乡","举村乡","黄坛镇","云溪乡","廿里镇","后溪镇","峡川镇","灰坪乡","太真乡","浮石街道"];
    for (t, name) in names.iter().enumerate() {
        let (x, y) = (118.75 + (t % 5) as f64 * 0.08, 28.8 + (t / 5) as f64 * 0.08);
        let tc = format!("330899{}", 101 + t);
        f.push(cell(tc.clone(), (*name).into(), "township", [x, y, x + 0.08, y + 0.08]));
        for v in 0..16 {
            let (vx, vy) = (x + (v % 4) as f64 * 0.02, y + (v / 4) as f64 * 0.02);
            let vc = format!("{tc}{:03}", v + 1);
            f.push(cell(vc.clone(), format!("{v}村"), "village", [vx, vy, vx + 0.02, vy + 0.02]));
            for g in 0..4 {
                let (gx, gy) = (vx + (g % 2) as f64 * 0.01, vy + (g / 2) as f64 * 0.01);
                f.push(cell(format!("{vc}{:03}", g + 1), format!("第{}网格", g + 1), "grid", [gx, gy, gx + 0.01, gy + 0.01]));
            }
        }
    }
    SamplePack { regions_geojson: json!({"type":"FeatureCollection","features":f}).to_string(), layers: vec![] }
}
