//! Long work: each person once, whatever happens in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vestibule::app::App;
use vestibule::domain::jobs::worker;
use vestibule::models::jobs::{self, Job};
use vestibule::models::{JobState, job_items};

use crate::support::{Browser, TestApp};

impl TestApp {
    /// From **Identity → Users** with Harbor Valley chosen to the page that confirms.
    async fn select_all(&self, browser: &mut Browser, filter: &str) {
        let customer = self.organization_id("harbor_valley");
        browser.get(&format!("/identity/users?customer={customer}{filter}")).await;
        browser.click("Select all").await;
    }

    async fn job(&self, id: &str) -> Job {
        let id = id.to_owned();
        self.read(move |conn| Ok(jobs::find(conn, &id)?)).await.expect("a job")
    }

    /// Waits until a job is in one of these states.
    async fn job_is(&self, id: &str, states: &[JobState]) -> Job {
        let begun = Instant::now();
        loop {
            let job = self.job(id).await;
            if states.contains(&job.state) {
                return job;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{job:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Looks a file of so many people through and starts its import; the id of the job.
    async fn import_many(&self, browser: &mut Browser, many: usize) -> String {
        let mut file = String::from("email,username,first_name,last_name\r\n");
        for n in 0..many {
            file.push_str(&format!("new{n}@harborvalley.example,new.{n},New,Person {n}\r\n"));
        }
        browser.get("/admin/users/import").await;
        browser.upload("/admin/users/import", &[], Some(file.as_bytes())).await;
        browser.must_say(&format!("{many} users will be invited by e-mail."));
        let sealed = browser.page().attribute("input[name=sealed]", "value").expect("the file");
        browser.upload("/admin/users/import/start", &[("sealed", &sealed)], None).await;
        id_of(browser)
    }

    /// Starts this node's worker, as `vestibule serve` does.
    fn job_worker(&self) -> worker::Worker {
        worker::start(self.app.core.clone())
    }
}

/// The job whose page is open.
fn id_of(browser: &Browser) -> String {
    let path = browser.path();
    let id = path.strip_prefix("/admin/jobs/").unwrap_or_else(|| panic!("{path}: {}", browser.text()));
    id.split(['/', '?']).next().unwrap_or_default().to_owned()
}

/// N9, N10, N5: exactly those under the filter, oneself skipped and said so, one mail each.
#[tokio::test]
async fn everybody_under_a_filter_is_reset_once() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.select_all(&mut owner, "&role=member&q=j").await;
    owner.must_say("Jonah Fitzgerald").must_say("José Núñez");
    let id = id_of(&owner);
    // The role filter kept the others out; whoever comes under it later is not among them.
    let planned = app.job(&id).await;
    let items = {
        let id = id.clone();
        app.read(move |conn| Ok(job_items::list(conn, &id, None, 0, 100)?)).await
    };
    assert_eq!((planned.state, planned.total), (JobState::Planned, items.len() as i64));
    owner.click("Reset ").await;
    owner.must_be_at(&format!("/admin/jobs/{id}")).must_say("0 of").must_say("Refresh");
    assert!(owner.answer.body.contains(r#"<noscript><meta http-equiv="refresh""#), "it refreshes itself");
    let _worker = app.job_worker();
    let job = app.job_is(&id, &[JobState::Done]).await;
    assert_eq!((job.succeeded + job.skipped, job.failed), (job.total, 0));
    for username in ["app.only", "jnunez"] {
        assert_eq!(app.count_of(username, "mfa_reset").await, 1, "{username}");
        let user_id = app.user_id(username);
        let left = app.read(move |conn| Ok(vestibule::models::factors::list(conn, &user_id)?)).await;
        assert!(left.is_empty(), "{username}");
    }
    assert_eq!(app.count_of("phone.only", "mfa_reset").await, 0);
    owner.refresh().await;
    owner.must_say("Done").must_say("Download as CSV");
    assert!(!owner.answer.body.contains("http-equiv=\"refresh\""));
    // All of them: oneself is skipped, by name and reason.
    app.select_all(&mut owner, "").await;
    let id = id_of(&owner);
    owner.click("Reset ").await;
    let job = app.job_is(&id, &[JobState::Done]).await;
    assert!(job.skipped > 0);
    owner.get(&format!("/admin/jobs/{id}?only=skipped")).await;
    owner.must_say("Daniyel Bezaury").must_say("This is you.");
    owner.get("/home").await;
    owner.must_be_at("/home");
}

/// N7: a node that is killed in the middle; two others go on. Nobody is left out, nobody done twice.
#[tokio::test]
async fn a_job_goes_on_after_a_kill_and_on_several_nodes() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    let id = app.import_many(&mut owner, 150).await;
    let first = app.job_worker();
    let begun = Instant::now();
    while app.job(&id).await.succeeded < 20 {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // Not stopped: gone.
    drop(first);
    let job = app.job(&id).await;
    assert!(job.succeeded < 150 && job.state == JobState::Running, "{job:?}");
    let other = Arc::new(App::build(app.app.config.clone()).expect("another node"));
    other.core.clock.set_offset(40);
    app.later(40);
    let _workers = [worker::start(other.core.clone()), app.job_worker()];
    let job = app.job_is(&id, &[JobState::Done]).await;
    assert_eq!((job.succeeded, job.skipped, job.failed), (150, 0, 0));
    let mails = app.outbox().await;
    for n in 0..150 {
        let to = format!("new{n}@harborvalley.example");
        assert_eq!(mails.iter().filter(|m| m.to == to).count(), 1, "{to}");
    }
    for n in [0, 75, 149] {
        assert!(app.user(&format!("new.{n}")).await.is_some());
    }
}

/// A double click is one job, at the confirmation of a reset and at the start of an import.
#[tokio::test]
async fn a_double_click_is_one_job() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.select_all(&mut owner, "&q=marcus").await;
    let path = format!("/admin/jobs/{}/confirm", id_of(&owner));
    let organization = app.organization_id("harbor_valley");
    let fields = [("organization_id", organization.as_str())];
    let (mut a, mut b) = (owner.clone(), owner.clone());
    let (a, b) = tokio::join!(a.post_only(&path, &fields), b.post_only(&path, &fields));
    assert_eq!((a.status, b.status), (303, 303));
    owner.get("/admin/users/import").await;
    let file = b"email,username,first_name,last_name\nx@harborvalley.example,x.y.z,X,Y\n";
    owner.upload("/admin/users/import", &[], Some(file)).await;
    let sealed = owner.page().attribute("input[name=sealed]", "value").expect("the file");
    let fields = [("sealed", sealed.as_str())];
    let (mut a, mut b) = (owner.clone(), owner.clone());
    let (a, b) = tokio::join!(
        a.upload_only("/admin/users/import/start", &fields, None),
        b.upload_only("/admin/users/import/start", &fields, None),
    );
    assert_eq!(a.location(), b.location());
    assert!(a.location().is_some_and(|path| path.starts_with("/admin/jobs/")));
    let _worker = app.job_worker();
    let id = a.location().unwrap_or_default().trim_start_matches("/admin/jobs/").to_owned();
    assert_eq!(app.job_is(&id, &[JobState::Done]).await.succeeded, 1);
    assert_eq!(app.count_of("phone.only", "mfa_reset").await, 1);
    // And once more, when it is done and its people are there.
    let again = owner.upload_only("/admin/users/import/start", &fields, None).await;
    assert_eq!(again.location(), a.location());
}

/// SPEC section 7: a job ends with the role it was started with. ASVS 8.3.2.
#[tokio::test]
async fn a_job_stops_when_the_role_is_taken_away() {
    let app = TestApp::spawn().await;
    for (username, change) in [
        ("owner.one", "UPDATE memberships SET role = 'member' WHERE user_id = "),
        ("owner.two", "UPDATE users SET account = 'disabled' WHERE id = "),
    ] {
        let mut owner = app.signed_in(username).await;
        app.select_all(&mut owner, "&q=marcus").await;
        let id = id_of(&owner);
        owner.click("Reset ").await;
        app.sql(format!("{change}'{}'", app.user_id(username))).await;
        let worker = app.job_worker();
        let job = app.job_is(&id, &[JobState::Done, JobState::Stopped]).await;
        assert_eq!((job.state, job.succeeded), (JobState::Stopped, 0));
        assert!(job.stopped_why.is_some());
        worker.stop().await;
    }
    assert_eq!(app.count_of("phone.only", "mfa_reset").await, 0);
}

/// N6: what failed is named and can be tried again; the rest is done.
#[tokio::test]
async fn what_failed_is_named_and_tried_again() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    let id = app.import_many(&mut owner, 50).await;
    let rename = async |from: &str, to: &str| {
        let set = format!("username = '{to}', username_lower = '{to}' WHERE username = '{from}'");
        app.sql(format!("UPDATE users SET {set}")).await;
    };
    for (username, n) in [("phone.only", 7), ("email.only", 8), ("app.only", 9)] {
        rename(username, &format!("new.{n}")).await;
    }
    let _worker = app.job_worker();
    let job = app.job_is(&id, &[JobState::Done]).await;
    assert_eq!((job.succeeded, job.skipped, job.failed), (47, 0, 3));
    owner.get(&format!("/admin/jobs/{id}?only=failed")).await;
    owner.must_say("Done, some failed").must_say("New Person 8").must_say("This username is taken.");
    for (username, n) in [("phone.only", 7), ("email.only", 8), ("app.only", 9)] {
        rename(&format!("new.{n}"), username).await;
    }
    owner.click("Try the failed again").await;
    let job = app.job_is(&id, &[JobState::Done]).await;
    assert_eq!((job.succeeded, job.failed), (50, 0));
    // The table has everybody, and is the maker's alone.
    let organization = app.organization_id("harbor_valley");
    let fields = [("organization_id", organization.as_str())];
    let table = owner.post_only(&format!("/admin/jobs/{id}/results"), &fields).await;
    assert_eq!((table.status, table.body.lines().count()), (200, 51));
    assert_eq!(table.header("content-disposition"), Some("attachment; filename=\"job.csv\""));
    let mut admin = app.signed_in("admin").await;
    assert_eq!(admin.get_only(&format!("/admin/jobs/{id}")).await.status, 404);
    admin.get("/admin/jobs").await;
    admin.must_say("No jobs yet.");
    assert_eq!(admin.post_only(&format!("/admin/jobs/{id}/results"), &fields).await.status, 404);
}

/// Stopped by its maker: what is done stays done.
#[tokio::test]
async fn a_job_can_be_stopped() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    let id = app.import_many(&mut owner, 30).await;
    owner.click("Stop").await;
    owner.must_say("The job was stopped.").must_say("Stopped before its end.");
    let worker = app.job_worker();
    tokio::time::sleep(Duration::from_millis(300)).await;
    worker.stop().await;
    assert_eq!(app.job(&id).await.succeeded, 0);
    owner.get("/admin/jobs").await;
    owner.must_say("Import users into Harbor Valley Health").must_say("Stopped");
}

/// A job that is unknown, or somebody else's, is not there; whoever asks to stop it or to try it again.
#[tokio::test]
async fn a_foreign_job_is_not_there() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    let id = app.import_many(&mut owner, 3).await;
    let mut admin = app.administering("admin").await;
    let organization = app.organization_id("harbor_valley");
    let fields = [("organization_id", organization.as_str())];
    for job in [id.as_str(), "0190-nobodys"] {
        for act in ["stop", "retry"] {
            assert_eq!(admin.post_only(&format!("/admin/jobs/{job}/{act}"), &fields).await.status, 404, "{job} {act}");
        }
    }
    assert!(app.job(&id).await.stopped_why.is_none());
}

/// N1, N5: the page that confirms says per customer who is reset, what goes and who is skipped and why;
/// then exactly that is done.
#[tokio::test]
async fn the_preview_of_a_large_reset_comes_true() {
    let app = TestApp::spawn().await;
    let mut owner = app.signed_in("owner.one").await;
    app.select_all(&mut owner, "").await;
    let id = id_of(&owner);
    owner.must_say("Harbor Valley Health").must_say("What is removed").must_say("hardware token");
    owner.must_say("This is you.").must_say("Daniyel Bezaury").must_say("There is nothing to reset.");
    owner.must_say("Carla Esposito");
    let announced = owner.page().texts("#removed-h + ul li");
    let going = number_in(&owner.page().texts("#customers-h").join(""));
    let skipped = number_in(&owner.page().texts("#skipped-h").join(""));
    let factors = async || {
        let sql =
            "SELECT id FROM factors WHERE state <> 'pending' AND scope = 'user' AND kind = 'phone' AND user_id IN";
        let harbor = app.organization_id("harbor_valley");
        let people = format!("(SELECT user_id FROM memberships WHERE organization_id = '{harbor}')");
        app.execute(format!("UPDATE factors SET digits = digits WHERE id IN ({sql} {people})")).await
    };
    let before = factors().await;
    owner.click("Reset ").await;
    let _worker = app.job_worker();
    let job = app.job_is(&id, &[JobState::Done]).await;
    assert_eq!((job.succeeded, job.skipped, job.failed), (going, skipped, 0));
    assert_eq!(job.total, going + skipped);
    let phones = announced.iter().find(|line| line.contains("phone number")).expect("phones go");
    assert_eq!(number_in(phones), i64::try_from(before - factors().await).expect("a small number"));
    // Once more: nothing is left to do, and no button.
    app.select_all(&mut owner, "&role=member").await;
    owner.must_say("There is nobody to reset among those chosen.");
    assert!(!owner.page().controls().iter().any(|control| control.starts_with("Reset ")));
}

/// The first number in some words.
fn number_in(words: &str) -> i64 {
    let digits: String = words.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("no number in {words}"))
}

/// Two customers of one technician are counted each; people who are higher up are named.
#[tokio::test]
async fn the_preview_counts_per_customer() {
    let app = TestApp::spawn().await;
    let mut technician = app.browser();
    app.password_in(&mut technician, crate::support::BY_PHONE, false, "technician").await;
    app.second_step(&mut technician, "technician").await;
    technician.click("Riverside Family Clinic").await;
    technician.get("/admin").await;
    app.confirm(&mut technician, "technician").await;
    let (riverside, delta) = (app.organization_id("riverside"), app.organization_id("delta"));
    technician.get(&format!("/identity/users?customer={riverside}&customer={delta}")).await;
    technician.click("Select all").await;
    let lines = technician.page().texts("tbody tr");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("Delta Orthopedics") && lines[1].contains("Riverside Family Clinic"), "{lines:?}");
    technician.must_say("A higher role than yours.").must_say("Kendra Hollis").must_say("This is you.");
    let sum: i64 = lines.iter().map(|line| number_in(line)).sum();
    assert_eq!(sum, number_in(&technician.page().texts("#customers-h").join("")));
}
