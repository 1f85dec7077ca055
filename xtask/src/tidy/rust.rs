//! Rust source as the checks need it: a flat list of tokens with lines, tests left out. Comments are
//! gone by then, so that prose may name what code may not.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One identifier or literal.
pub struct Word {
    pub text: String,
    pub line: usize,
    pub is_literal: bool,
}

/// A file's words, without items under `#[cfg(test)]` and without attributes; nothing if it is not Rust.
pub fn words_outside_tests(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    if let Ok(stream) = text.parse::<TokenStream>() {
        walk(stream, &mut words);
    }
    words
}

fn walk(stream: TokenStream, words: &mut Vec<Word>) {
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                if matches!(tokens.peek(), Some(TokenTree::Punct(bang)) if bang.as_char() == '!') {
                    tokens.next();
                }
                if let Some(TokenTree::Group(group)) = tokens.peek()
                    && group.delimiter() == Delimiter::Bracket
                {
                    let is_test = is_test_attribute(&group.stream());
                    tokens.next();
                    if is_test {
                        skip_item(&mut tokens);
                    }
                }
            }
            TokenTree::Group(group) => walk(group.stream(), words),
            TokenTree::Ident(ident) => {
                words.push(Word {
                    text: ident.to_string(),
                    line: ident.span().start().line,
                    is_literal: false,
                });
            }
            TokenTree::Literal(literal) => {
                words.push(Word {
                    text: literal.to_string(),
                    line: literal.span().start().line,
                    is_literal: true,
                });
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// `cfg(test)`, or an `all(...)` that has it.
fn is_test_attribute(attribute: &TokenStream) -> bool {
    let text = attribute.to_string().replace(' ', "");
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

/// The rest of the item: up to its body or its semicolon.
fn skip_item(tokens: &mut std::iter::Peekable<proc_macro2::token_stream::IntoIter>) {
    for token in tokens.by_ref() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(punct) if punct.as_char() == ';' => return,
            _ => {}
        }
    }
}

/// The modules a file declares as `#[cfg(test)] mod name;`: the files they name hold tests alone.
pub fn test_modules(text: &str) -> Vec<String> {
    let Ok(file) = syn::parse_file(text) else {
        return Vec::new();
    };
    file.items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) if module.content.is_none() => Some(module),
            _ => None,
        })
        .filter(|module| {
            module.attrs.iter().any(|attribute| match &attribute.meta {
                syn::Meta::List(list) => {
                    list.path.is_ident("cfg") && list.tokens.to_string() == "test"
                }
                _ => false,
            })
        })
        .map(|module| {
            let named = module
                .attrs
                .iter()
                .find_map(|attribute| match &attribute.meta {
                    syn::Meta::NameValue(pair) if pair.path.is_ident("path") => {
                        literal_text(&pair.value)
                    }
                    _ => None,
                });
            named.unwrap_or_else(|| module.ident.to_string())
        })
        .collect()
}

fn literal_text(value: &syn::Expr) -> Option<String> {
    match value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        words_outside_tests(text)
            .into_iter()
            .map(|word| word.text)
            .collect()
    }

    #[test]
    fn tests_comments_and_attributes_are_left_out() {
        let text = "/// Instant\nfn a() { b(); } // c\n#[cfg(test)]\nmod tests { fn d() {} }\n#[inline]\nfn e() {}";
        assert_eq!(words(text), ["fn", "a", "b", "fn", "e"]);
    }

    #[test]
    fn test_modules_in_files_of_their_own_are_named() {
        let text =
            "mod a;\n#[cfg(test)]\nmod a_tests;\n#[cfg(test)]\n#[path = \"odd.rs\"]\nmod odd;";
        assert_eq!(test_modules(text), ["a_tests", "odd.rs"]);
    }
}
