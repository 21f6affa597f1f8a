//! The OpenAPI document: made from the code, and complete.

use std::collections::BTreeSet;

use serde_json::Value;
use vestibule::api::openapi;
use vestibule::routes::{Guard, table};

use crate::support::TestApp;

fn document() -> Value {
    serde_json::from_str(&openapi::json()).expect("JSON")
}

#[test]
fn every_route_of_the_api_is_described() {
    let document = document();
    let described: BTreeSet<String> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().expect("operations").keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let there: BTreeSet<String> = table()
        .filter(|route| route.guard == Guard::Api)
        .map(|route| format!("{} {}", route.method, route.path.strip_prefix("/api").expect("under /api")))
        .collect();
    assert_eq!(described, there);
    assert!(table().filter(|route| route.path.starts_with("/api")).all(|route| route.guard == Guard::Api));
}

#[test]
fn the_document_names_server_topics_and_refusals() {
    let document = document();
    assert!(document["openapi"].as_str().expect("a version").starts_with("3."));
    assert_eq!(document["servers"][0]["url"], "/api");
    assert_eq!(document["tags"][0]["name"], "user");
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            for status in ["200", "400", "401", "403", "429"] {
                assert!(operation["responses"][status].is_object(), "{method} {path} lacks {status}");
            }
            assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().expect("an id").to_owned()), "{method} {path}");
        }
    }
}

/// Every `$ref` leads somewhere.
#[test]
fn references_lead_somewhere() {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    found.push(reference.clone());
                }
                map.values().for_each(|value| walk(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    walk(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// Without JavaScript the page lists what there is, and leads to the document.
/// ASVS 3.7.5.
#[tokio::test]
async fn the_help_page_reads_without_scripts() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("admin").await;
    browser.get("/admin/help").await;
    browser.must_say("GET /audit/entries");
    let policy = browser.answer.header("content-security-policy").expect("a policy").to_owned();
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    let json = browser.get_only("/admin/help/openapi.json").await;
    assert_eq!((json.status, json.header("content-type")), (200, Some("application/json")));
    for script in browser.page().texts("script") {
        assert!(script.is_empty(), "no script within the page");
    }
    let other = browser.get_only("/admin").await;
    assert!(other.header("content-security-policy").expect("a policy").contains("require-trusted-types-for"));
}

/// What a body or a parameter may be is said there too, so that a program need not try.
#[test]
fn the_document_says_what_is_allowed() {
    let document = document();
    let ids = &document["components"]["schemas"]["UserIds"];
    assert_eq!((&ids["minItems"], &ids["maxItems"], &ids["uniqueItems"]), (&1.into(), &500.into(), &true.into()));
    let users = &document["paths"]["/user/users"]["get"]["parameters"];
    let limit = users.as_array().expect("parameters").iter().find(|p| p["name"] == "limit").expect("limit");
    assert_eq!((&limit["schema"]["minimum"], &limit["schema"]["maximum"]), (&1.into(), &200.into()));
}
