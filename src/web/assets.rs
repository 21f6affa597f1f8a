//! Style sheets, scripts, fonts and pictures, embedded in the binary and served under one path that
//! holds a hash over all of them: a URL never changes its content, and relative URLs inside a style
//! sheet stay within the same version. Only what was embedded is served, never the file system.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/static"]
struct Files;

/// Twelve hexadecimal digits over every file's name and content.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<Cow<'static, str>> = Files::iter().collect();
    names.sort_unstable();
    let mut hasher = Sha256::new();
    for name in names {
        let file = Files::get(&name).expect("a listed file is embedded");
        hasher.update((name.len() as u64).to_be_bytes());
        hasher.update(name.as_bytes());
        hasher.update(file.metadata.sha256_hash());
    }
    for name in SWAGGER {
        hasher.update(swagger(name).unwrap_or_default());
    }
    data_encoding::HEXLOWER.encode(&hasher.finalize()[..6])
});

/// What **Swagger Docs** loads of Swagger UI, which comes with its crate: under `swagger/`.
const SWAGGER: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

fn swagger(name: &str) -> Option<Cow<'static, [u8]>> {
    let name = SWAGGER.iter().find(|known| **known == name)?;
    let config = Arc::new(utoipa_swagger_ui::Config::from("/admin/help/openapi.json"));
    utoipa_swagger_ui::serve(name, config).ok().flatten().map(|file| file.bytes)
}

/// An embedded file and the tag of its content.
fn find(name: &str) -> Option<(Cow<'static, [u8]>, String)> {
    if let Some(name) = name.strip_prefix("swagger/") {
        return swagger(name).map(|data| (data, VERSION.clone()));
    }
    let file = Files::get(name)?;
    Some((file.data, data_encoding::HEXLOWER.encode(&file.metadata.sha256_hash()[..12])))
}

/// The URL of an embedded file, such as `url("css/vestibule.css")`.
pub fn url(path: &str) -> String {
    format!("/static/{}/{path}", *VERSION)
}

/// Answers `GET /static/{path:.*}`. A stale version is not found: the page that named it is gone.
pub async fn serve(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    let file = path.split_once('/').filter(|(version, _)| *version == *VERSION).and_then(|(_, name)| {
        let content_type = content_type(name)?;
        Some((content_type, find(name)?))
    });
    let Some((content_type, (data, tag))) = file else {
        return HttpResponse::NotFound().finish();
    };
    let etag = header::EntityTag::new_strong(tag);
    let known = holds(&request, &etag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header(header::ETag(etag));
    answer.insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    if known { answer.finish() } else { answer.content_type(content_type).body(data) }
}

/// Whether the browser already holds this version.
fn holds(request: &HttpRequest, etag: &header::EntityTag) -> bool {
    let Some(tags) = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    tags.split(',').filter_map(|tag| tag.trim().parse::<header::EntityTag>().ok()).any(|tag| tag.weak_eq(etag))
}

/// `None` for kinds that pages have no use for, such as license files.
fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::{App, test as client};

    use super::*;

    /// ASVS 13.4.7.
    #[actix_web::test]
    async fn an_embedded_file_is_served_under_its_version_only() {
        let app = client::init_service(App::new().route("/static/{path:.*}", web::get().to(serve))).await;
        let get = async |uri: &str, tag: Option<&str>| {
            let mut request = client::TestRequest::get().uri(uri);
            if let Some(tag) = tag {
                request = request.insert_header((header::IF_NONE_MATCH, tag));
            }
            client::call_service(&app, request.to_request()).await
        };

        let answer = get(&url("css/vestibule.css"), None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers().get(header::CONTENT_TYPE).expect("the header"), "text/css; charset=utf-8");
        assert_eq!(
            answer.headers().get(header::CACHE_CONTROL).expect("the header"),
            "public, max-age=31536000, immutable"
        );
        let tag = answer.headers().get(header::ETAG).expect("the header").to_str().expect("the header").to_owned();
        assert_eq!(get(&url("css/vestibule.css"), Some(&tag)).await.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(get(&url("css/vestibule.css"), Some("\"old\"")).await.status(), StatusCode::OK);
        for there in ["fonts/ahn-latin.woff2", "swagger/swagger-ui.css", "swagger/swagger-ui-bundle.js"] {
            assert_eq!(get(&url(there), None).await.status(), StatusCode::OK, "{there}");
        }

        for wrong in ["/static/css/vestibule.css", "/static/000000000000/css/vestibule.css"] {
            assert_eq!(get(wrong, None).await.status(), StatusCode::NOT_FOUND);
        }
        for wrong in [
            "css/none.css",
            "swagger/index.html",
            "swagger/swagger-initializer.js",
            "../Cargo.toml",
            "%2e%2e/Cargo.toml",
            "icons/LICENSE",
        ] {
            assert_eq!(get(&url(wrong), None).await.status(), StatusCode::NOT_FOUND, "{wrong}");
        }
    }

    #[test]
    fn the_two_dark_blocks_are_alike() {
        let css = String::from_utf8(Files::get("css/tokens.css").expect("the sheet, in UTF-8").data.into_owned())
            .expect("the sheet, in UTF-8");
        let block = |start: &str| {
            let (_, rest) = css.split_once(start).unwrap_or_else(|| panic!("{start} is missing"));
            rest.split_once('}').expect("the end of the block").0.split_whitespace().collect::<String>()
        };
        assert_eq!(block(":root:not([data-theme=light]){"), block(":root[data-theme=dark]{"));
    }
}
