//! The files of `dist/`: names that carry a hash of the content, one style sheet, the page made from
//! its template. Text in, text out; building and compressing are `app`'s.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::tools::short_hash;

/// The page used while the frontend brings none.
const PLAIN_PAGE: &str = "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
<title>Gridlamp</title>\n<link rel=\"stylesheet\" href=\"{{style}}\">\n\
<meta name=\"gridlamp-assets\" content=\"{{assets_json}}\">\n</head>\n<body></body>\n</html>\n";

/// Collects what goes into `dist/` and remembers each thing's address.
pub struct Bundle {
    dist: PathBuf,
    /// Name by which code asks -> address with the hash in it.
    urls: BTreeMap<String, String>,
}

impl Bundle {
    /// Begins in an empty folder.
    pub fn new(dist: &Path) -> Result<Self> {
        fs::create_dir_all(dist.join("assets"))?;
        Ok(Self {
            dist: dist.to_path_buf(),
            urls: BTreeMap::new(),
        })
    }

    /// Adds one file under a hashed name; `key` is what code asks for it by.
    pub fn add(&mut self, key: &str, name: &str, content: &[u8]) -> Result<String> {
        let url = self.place(name, content)?;
        self.urls.insert(key.to_owned(), url.clone());
        Ok(url)
    }

    /// Adds one file under a hashed name that no code asks for.
    pub fn place(&self, name: &str, content: &[u8]) -> Result<String> {
        let url = format!("/assets/{}", hashed(name, content));
        fs::write(self.dist.join(&url[1..]), content)?;
        Ok(url)
    }

    /// Adds one file of the disk under a hashed name.
    pub fn add_file(&mut self, key: &str, file: &Path) -> Result<String> {
        let content = fs::read(file).with_context(|| format!("{} is missing", file.display()))?;
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        self.add(key, &name, &content)
    }

    /// Adds a whole folder under one hashed folder name, so that its files find each other by the
    /// relative paths they were written with. Gives back the folder's address.
    pub fn add_folder(&mut self, name: &str, folder: &Path) -> Result<String> {
        let files = files_below(folder)?;
        let mut all = Vec::new();
        for file in &files {
            all.extend_from_slice(file.to_string_lossy().as_bytes());
            all.extend_from_slice(&fs::read(folder.join(file))?);
        }
        let url = format!("/assets/{name}-{}", short_hash(&all));
        for file in files {
            let to = self.dist.join(&url[1..]).join(&file);
            fs::create_dir_all(to.parent().context("a file has a folder")?)?;
            fs::copy(folder.join(&file), to)?;
        }
        Ok(url)
    }

    /// Copies the app's own files: those in `root/` keep their name and stand at the top (a service
    /// worker must), the rest get hashed names and are asked for by their path.
    pub fn add_own_files(&mut self, folder: &Path) -> Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        for file in files_below(folder)? {
            if let Ok(top) = file.strip_prefix("root") {
                let to = self.dist.join(top);
                fs::create_dir_all(to.parent().context("a file has a folder")?)?;
                fs::copy(folder.join(&file), to)?;
            } else {
                self.add_file(&slashed(&file), &folder.join(&file))?;
            }
        }
        Ok(())
    }

    /// The address of what was added under this key.
    pub fn url(&self, key: &str) -> Option<&str> {
        self.urls.get(key).map(String::as_str)
    }

    /// Every key with its address, as the page carries it.
    pub fn json(&self) -> String {
        serde_json::to_string(&self.urls).unwrap_or_default()
    }
}

/// `name.ext` -> `name-<hash>.ext`.
fn hashed(name: &str, content: &[u8]) -> String {
    let hash = short_hash(content);
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{name}-{hash}"),
    }
}

/// Every file below, relative, in a fixed order.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in
            fs::read_dir(&next).with_context(|| format!("{} cannot be read", next.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap_or(&path).to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A relative path as an address has it.
pub fn slashed(path: &Path) -> String {
    path.components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

/// The sheets in their fixed order: tokens, base, then by name.
pub fn sheet_order(mut names: Vec<String>) -> Vec<String> {
    names.sort_by_key(|name| (name != "tokens.css", name != "base.css", name.clone()));
    names
}

/// Puts hashed addresses in place of what a sheet names by `url("…")`.
pub fn rewrite_urls(css: &str, url_of: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = rest.find("url(") {
        let (before, after) = rest.split_at(at + 4);
        out.push_str(before);
        let end = after
            .find(')')
            .context("a url( in a style sheet is not closed")?;
        let named = after[..end].trim().trim_matches(['"', '\'']);
        if named.starts_with("data:") || named.starts_with('#') {
            out.push_str(&after[..end]);
        } else {
            let Some(url) = url_of(named) else {
                bail!("a style sheet names {named}, which nothing provides")
            };
            out.push('"');
            out.push_str(&url);
            out.push('"');
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    Ok(out)
}

/// What the page is made from.
pub struct Page<'a> {
    pub style: &'a str,
    pub app_js: &'a str,
    pub app_wasm: &'a str,
    pub boot_js: &'a str,
    pub assets_json: &'a str,
    pub version: &'a str,
    pub bundle: &'a Bundle,
}

/// Fills the template: the named places, and `{{asset:KEY}}` for anything in the bundle. Values are
/// escaped for attributes in either kind of quotes.
pub fn page(template: Option<&str>, values: &Page<'_>) -> Result<String> {
    let mut html = template.unwrap_or(PLAIN_PAGE).to_owned();
    let boots = html.contains("{{boot_js}}");
    let named = [
        ("style", values.style),
        ("app_js", values.app_js),
        ("app_wasm", values.app_wasm),
        ("boot_js", values.boot_js),
        ("assets_json", values.assets_json),
        ("version", values.version),
        (
            "maplibre_css",
            values.bundle.url("maplibre_css").unwrap_or_default(),
        ),
    ];
    for (name, value) in named {
        html = html.replace(&format!("{{{{{name}}}}}"), &escaped(value));
    }
    while let Some(at) = html.find("{{") {
        let end = html[at..]
            .find("}}")
            .context("a place in index.html is not closed")?
            + at;
        let name = html[at + 2..end].trim().to_owned();
        let url = name
            .strip_prefix("asset:")
            .and_then(|key| values.bundle.url(key));
        let Some(url) = url else {
            bail!("index.html asks for {{{{{name}}}}}, which nothing provides")
        };
        html.replace_range(at..end + 2, &escaped(url));
    }
    if !boots {
        let script = format!(
            "<script type=\"module\" src=\"{}\"></script>\n</head>",
            escaped(values.boot_js)
        );
        html = html.replacen("</head>", &script, 1);
    }
    Ok(html)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
        .replace('<', "&lt;")
}

/// The first module of the page: it starts the app, and nothing of it stands inline.
pub fn boot_script(app_js: &str, app_wasm: &str) -> String {
    format!("import start from {app_js:?};\nawait start({{ module_or_path: {app_wasm:?} }});\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_first_then_base_then_by_name() {
        let names = ["wall.css", "base.css", "map.css", "tokens.css"]
            .map(String::from)
            .to_vec();
        assert_eq!(
            sheet_order(names),
            ["tokens.css", "base.css", "map.css", "wall.css"]
        );
    }

    #[test]
    fn a_sheet_gets_hashed_addresses_and_keeps_inline_data() {
        let css = "a{src:url(\"fonts/x.woff2\")}b{mask:url(data:image/svg+xml,x)}";
        let out = rewrite_urls(css, |name| {
            (name == "fonts/x.woff2").then(|| "/assets/x-1.woff2".into())
        });
        assert_eq!(
            out.unwrap(),
            "a{src:url(\"/assets/x-1.woff2\")}b{mask:url(data:image/svg+xml,x)}"
        );
    }

    #[test]
    fn a_sheet_that_names_nothing_we_have_is_refused() {
        assert!(rewrite_urls("a{src:url(y.png)}", |_| None).is_err());
    }

    #[test]
    fn hashed_names_keep_their_extension_and_follow_the_content() {
        let one = hashed("app.js", b"1");
        assert!(
            one.starts_with("app-") && Path::new(&one).extension().is_some_and(|ext| ext == "js")
        );
        assert_ne!(one, hashed("app.js", b"2"));
    }

    #[test]
    fn the_page_is_filled_and_boots_without_inline_code() {
        let bundle = Bundle {
            dist: PathBuf::new(),
            urls: BTreeMap::new(),
        };
        let values = Page {
            style: "/assets/s.css",
            app_js: "/a.js",
            app_wasm: "/a.wasm",
            boot_js: "/boot.js",
            assets_json: "{\"a\":\"b\"}",
            version: "1",
            bundle: &bundle,
        };
        let html = page(None, &values).unwrap();
        assert!(
            html.contains("content=\"{&quot;a&quot;:&quot;b&quot;}\""),
            "{html}"
        );
        assert!(
            html.contains("src=\"/boot.js\"></script>\n</head>"),
            "{html}"
        );
        assert!(page(Some("{{nonsense}}"), &values).is_err());
    }
}
