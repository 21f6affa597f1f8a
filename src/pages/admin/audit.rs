//! **Audit Log**: what happened in the organization, with filters, and exports.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Path, Query as UrlQuery};
use askama::Template;
use futures_util::stream;
use serde::Deserialize;

use super::audit_view::{Detail, Group, Line, detail, groups, line};
use crate::domain::audit_log::export::{Format, NotBegun, begin};
use crate::domain::audit_log::{self, Cursor, Query};
use crate::domain::audit_words;
use crate::domain::times::Zone;
use crate::error::AppError;
use crate::models::AuditResult;
use crate::web::administration::{FreshOrgAdmin, OrgAdmin};
use crate::web::form::OrgForm;
use crate::web::respond::page;
use crate::web::view::{FormErrors, Frame};

const TOO_WIDE: &str = "More people match than can be looked for at once. Type more of the name.";

/// GET /admin/audit?who=&about=&event=&result=&from=&to=&organization=&older=&newer=.
#[derive(Template)]
#[template(path = "admin/audit/list.html")]
pub struct AuditPage {
    pub frame: Frame,
    pub errors: FormErrors,
    pub filters: Filters,
    pub groups: Vec<Group>,
    pub lines: Vec<Line>,
    /// Operators choose the organization.
    pub operator: bool,
    pub older: Option<String>,
    pub newer: Option<String>,
    /// For the link on Clear filters.
    pub filtered: bool,
}

/// One entry.
#[derive(Template)]
#[template(path = "admin/audit/entry.html")]
pub struct EntryPage {
    pub frame: Frame,
    pub entry: Detail,
}

/// What is looked for, as typed. The same fields are posted for an export.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filters {
    pub who: String,
    pub about: String,
    pub event: String,
    pub result: String,
    pub from: String,
    pub to: String,
    pub organization: String,
    older: Option<String>,
    newer: Option<String>,
    format: String,
}

impl Filters {
    /// The query of a link to a page beside this one.
    fn link(&self, key: &str, id: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.fields() {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair(key, id);
        format!("/admin/audit?{}", query.finish())
    }

    /// Every filter by name, for the form that exports.
    pub fn fields(&self) -> [(&'static str, &str); 7] {
        [
            ("who", &self.who),
            ("about", &self.about),
            ("event", &self.event),
            ("result", &self.result),
            ("from", &self.from),
            ("to", &self.to),
            ("organization", &self.organization),
        ]
    }

    fn is_empty(&self) -> bool {
        self.fields().iter().all(|(_, value)| value.is_empty())
    }
}

pub async fn list(admin: OrgAdmin, filters: UrlQuery<Filters>) -> Result<HttpResponse, AppError> {
    let (mut filters, core, zone) = (filters.into_inner(), &admin.visitor.app.core, admin.zone());
    let (query, mut errors) = read(&filters, &zone);
    // A field for a date shows no other text.
    for (field, value) in [("from", &mut filters.from), ("to", &mut filters.to)] {
        if errors.has(field) && zone.day_begins(value).is_none() {
            value.clear();
        }
    }
    let cursor = match (&filters.older, &filters.newer) {
        (Some(id), _) => Cursor::Older(id.clone()),
        (None, Some(id)) => Cursor::Newer(id.clone()),
        (None, None) => Cursor::Newest,
    };
    let found = audit_log::page(core, &admin.actor, &query, &cursor, None).await?;
    if let Some(field) = found.too_wide {
        errors.add(field, TOO_WIDE);
    }
    page(&AuditPage {
        frame: admin.frame("/admin/audit"),
        errors,
        groups: groups(&filters.event),
        lines: found.entries.iter().map(|entry| line(entry, &zone)).collect(),
        operator: admin.actor.is_operator(),
        older: found.older.map(|id| filters.link("older", &id)),
        newer: found.newer.map(|id| filters.link("newer", &id)),
        filtered: !filters.is_empty(),
        filters,
    })
}

/// GET /admin/audit/{id}.
pub async fn entry(admin: OrgAdmin, id: Path<String>) -> Result<HttpResponse, AppError> {
    let found = audit_log::find(&admin.visitor.app.core, &admin.actor, &id).await?.ok_or(AppError::NotFound)?;
    page(&EntryPage { frame: admin.frame("/admin/audit"), entry: detail(found, &admin.zone()) })
}

/// POST /admin/audit/export: the filters, and `format`. It leaves a trace, so it is no GET.
pub async fn export(admin: FreshOrgAdmin, OrgForm(filters): OrgForm<Filters>) -> Result<HttpResponse, AppError> {
    let core = &admin.visitor.app.core;
    let format = Format::parse(&filters.format).ok_or(AppError::BadRequest("Choose CSV or JSON Lines."))?;
    let (query, _) = read(&filters, &admin.zone());
    let export = match begin(core, &admin.actor, &query, format, &admin.visitor.origin).await? {
        Ok(export) => export,
        Err(NotBegun::TooWide) => return Err(AppError::BadRequest(TOO_WIDE)),
        Err(NotBegun::Later(until)) => {
            let seconds = (until - core.clock.now()).whole_seconds().max(1);
            return Err(AppError::TooMany { retry_after_seconds: u64::try_from(seconds).unwrap_or(1) });
        }
    };
    let pieces = stream::try_unfold(export, |mut export| async move {
        let piece = export.next().await?;
        Ok::<_, crate::db::Fault>(piece.map(|piece| (Bytes::from(piece), export)))
    });
    let name = format!("audit-{}.{}", core.clock.now().date(), format.extension());
    let content_type = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::JsonLines => "application/jsonl; charset=utf-8",
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(pieces))
}

/// The filters as the domain takes them; what cannot be read is said beside its field and not applied.
fn read(filters: &Filters, zone: &Zone) -> (Query, FormErrors) {
    let mut errors = FormErrors::default();
    let text = |value: &str| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
    let actions = text(&filters.event).map(|event| audit_words::group(&event).unwrap_or_else(|| vec![event]));
    let from = text(&filters.from).and_then(|day| {
        let at = zone.day_begins(&day);
        if at.is_none() {
            errors.add("from", "Enter the first day, such as 2026-11-22.");
        }
        at
    });
    let until = text(&filters.to).and_then(|day| {
        let at = zone.day_ends(&day);
        if at.is_none() {
            errors.add("to", "Enter the last day, such as 2026-11-22.");
        }
        at
    });
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        errors.add("to", "The last day lies before the first.");
    }
    let query = Query {
        who: text(&filters.who),
        about: text(&filters.about),
        actions,
        result: AuditResult::parse(&filters.result),
        from,
        until,
        organization_id: text(&filters.organization),
    };
    (query, errors)
}
