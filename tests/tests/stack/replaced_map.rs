//! A city's map is replaced while reports come in: each goes by the old map or by the new one.

use crate::{
    channels::{Channel, unsigned},
    city::{Cut, Kota, Square},
    own_map::OwnMap,
    routing::{body_from, map_of, route_by},
    units::snapshot,
};
use domain::routing::Route;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use store::city_map::CURRENT;
use tests::{
    accounts::OwnUnit,
    http::eventually,
    life::Report,
    proxy::{Outcome, operation, pass_on, stand_between},
    runtime::Message,
    threads::Ending,
};

/// The two maps.
const OLD: usize = 0;
const NEW: usize = 1;
const CATEGORY: &str = "jalan-berlubang";
/// How many degrees wide and high each area is: so many areas that their cells are more than one call writes.
const SIDE: f64 = 0.1;
const COLUMNS: u8 = 6;
const ROWS: u8 = 12;
/// How long a process believes the item that names the map: the one duration that the rule itself has.
const BELIEVED: Duration = Duration::from_secs(60);
/// Processes that live on, and so believe what they have read.
const LONG_LIVED: usize = 3;
/// How long each waits between two reports, so that there is time for other tests.
const PAUSE: Duration = Duration::from_millis(500);

/// The area and the unit of a report.
type Where = (Option<String>, Option<String>);

/// A city whose map is one of two. No area has the same outline in both, and no place of [`Self::places`] the same area or unit.
struct Maps {
    kota: Kota,
    units: [OwnUnit; 3],
    /// What reports are sent from, and how they lie by each map.
    places: Vec<((f64, f64), [Where; 2])>,
}

impl Maps {
    /// With the first map applied.
    fn new() -> Self {
        let units = [(); 3].map(|()| OwnUnit::new(None));
        let kota = Kota::new();
        let rows = units.iter().map(|unit| format!("{},Unit Uji,,,active\n", unit.code));
        kota.write("units.csv", &format!("code,name,parent,email,state\n{}", rows.collect::<String>()));
        let mut maps = Self { kota, units, places: Vec::new() };
        let [new, old] = [NEW, OLD].map(|which| {
            maps.write(which);
            map_of(&maps.kota.folder)
        });
        let all = (0..12_u8).flat_map(|column| (0..24_u8).map(move |row| (column, row)));
        maps.places = all
            .map(|(column, row)| (-6.368 + f64::from(row) * 0.05, 106.332 + f64::from(column) * 0.05))
            .map(|place| (place, [&old, &new].map(|map| lies(route_by(map, place, CATEGORY)))))
            .filter(|(_, [one, other])| {
                let both = one.1.is_some() && other.1.is_some();
                both && one.0 != other.0 && one.1 != other.1
            })
            .collect();
        assert!(maps.places.len() > 50, "{}", maps.places.len());
        maps.kota.apply();
        maps
    }

    /// Writes a map to the folder: the second one is the first, moved to the north-east, and of other units.
    fn write(&self, which: usize) {
        let moved = if which == OLD { 0.0 } else { 0.085 };
        let squares: Vec<_> = (0..COLUMNS)
            .flat_map(|column| (0..ROWS).map(move |row| (column, row)))
            .map(|(column, row)| Square {
                code: format!("{column}.{row}"),
                west: 106.31 + f64::from(column) * SIDE + moved,
                south: -6.39 + f64::from(row) * SIDE + moved,
                unit: &self.units[(usize::from(column + row) + which) % self.units.len()].code,
            })
            .collect();
        self.kota.write_squares(SIDE, &squares);
    }

    /// By which of the two maps a report from a place went. Fails where it went by neither.
    #[track_caller]
    fn map_of(&self, place: usize, report: &Where) -> usize {
        let (position, maps) = &self.places[place];
        let found = maps.iter().position(|lies| lies == report);
        found.unwrap_or_else(|| panic!("{position:?}: {report:?} is neither of {maps:?}"))
    }

    /// What of the map an apply would still change.
    fn changes_of_map(&self) -> Vec<String> {
        let changes = self.kota.changes();
        let kinds = changes.iter().map(|change| change["change"].as_str().unwrap().to_owned());
        kinds.filter(|kind| kind.ends_with("_map")).collect()
    }
}

fn lies(route: Route) -> Where {
    let unit = route.to.ok().map(|routed| routed.unit.code.to_string());
    (route.area.map(|area| area.to_string()), unit)
}

/// A report that came in.
struct Came {
    /// Whether its process had just begun, and so believed nothing.
    is_afresh: bool,
    /// The map that it went by.
    map: usize,
}

/// Reports that come in all the time, by processes that live on and by one after the other that has just begun.
struct Traffic {
    came: Mutex<Vec<Came>>,
    /// How many reports each sender has begun to send.
    begun: [AtomicUsize; LONG_LIVED + 1],
    is_over: AtomicBool,
}

impl Traffic {
    /// Does `work` while reports come in.
    fn during(maps: &Maps, work: impl FnOnce(&Arc<Self>)) {
        let own = OwnMap::of(&maps.kota);
        // By another channel so many would use up the quota that other tests send by.
        let channel = Channel::register("peta", "active", 1_000_000, &["a"]);
        let traffic = Arc::new(Self {
            came: Mutex::default(),
            begun: Default::default(),
            is_over: AtomicBool::new(false),
        });
        thread::scope(|scope| {
            for sender in 0..=LONG_LIVED {
                let (traffic, own, key) = (&traffic, &own, channel.bearer("a"));
                scope.spawn(move || traffic.send(maps, own, &key, sender));
            }
            let _ending = Ending(&traffic.is_over);
            work(&traffic);
        });
    }

    fn send(&self, maps: &Maps, own: &OwnMap, key: &str, sender: usize) {
        let _ending = Ending(&self.is_over);
        let long_lived = (sender < LONG_LIVED).then(|| own.submit());
        for place in (0..maps.places.len()).cycle().skip(sender * 7) {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            self.begun[sender].fetch_add(1, Ordering::SeqCst);
            let body = unsigned(body_from(CATEGORY, maps.places[place].0));
            let told = match &long_lived {
                Some(process) => process.send(key, &body),
                None => own.submit().send(key, &body),
            };
            let stored = snapshot(&Report::told(&told));
            let unit = stored.unit.map(|unit| unit.code.to_string());
            let map = maps.map_of(place, &(stored.area.map(|area| area.to_string()), unit));
            self.came.lock().unwrap().push(Came { is_afresh: long_lived.is_none(), map });
            thread::sleep(PAUSE);
        }
    }

    /// What came until now.
    fn until_now(&self) -> Vec<Came> {
        std::mem::take(&mut self.came.lock().unwrap())
    }

    /// Waits until every sender has sent another report that it began from now on.
    fn let_more_come(&self) {
        let begun = || self.begun.each_ref().map(|count| count.load(Ordering::SeqCst));
        let before = begun();
        eventually("more reports come", || {
            assert!(!self.is_over.load(Ordering::SeqCst), "a report did not come in");
            // The next one counts, and the one after that shows that it came.
            begun().iter().zip(&before).all(|(now, before)| *now > before + 1).then_some(())
        });
    }

    /// Reports of every sender, all of them begun from now on.
    fn sent_from_now_on(&self) -> Vec<Came> {
        // Those that are under way.
        self.let_more_come();
        drop(self.until_now());
        self.let_more_come();
        self.until_now()
    }
}

/// Fails where a report went by a map that it should not have gone by.
#[track_caller]
fn assert_by(came: &[Came], afresh: &[usize], long_lived: &[usize]) {
    for Came { is_afresh, map } in came {
        let expected = if *is_afresh { afresh } else { long_lived };
        assert!(expected.contains(map), "by map {map}, afresh: {is_afresh}");
    }
    let of_afresh = came.iter().filter(|came| came.is_afresh).count();
    assert!(of_afresh > 0 && of_afresh < came.len(), "{of_afresh} of {}", came.len());
}

/// Whether the call names the map that counts.
fn names_map(request: &Message) -> bool {
    operation(request) == "PutItem" && String::from_utf8_lossy(&request.body).contains(CURRENT)
}

fn writes_cells(request: &Message) -> bool {
    operation(request) == "BatchWriteItem"
}

#[test]
fn while_an_apply_replaces_every_outline_each_report_goes_wholly_by_the_old_map_or_by_the_new_one() {
    let maps = Maps::new();
    Traffic::during(&maps, |traffic| {
        assert_by(&traffic.sent_from_now_on(), &[OLD], &[OLD]);
        maps.write(NEW);
        let before_named = Arc::<Mutex<Vec<Came>>>::default();
        let (between, until_named) = (Arc::clone(traffic), Arc::clone(&before_named));
        let endpoint = stand_between("held", move |request| {
            if names_map(request) {
                until_named.lock().unwrap().extend(between.until_now());
            }
            let answered = pass_on(request);
            if writes_cells(request) || names_map(request) {
                between.let_more_come();
            }
            Outcome::Answer(answered)
        });
        let apply = maps.kota.command(&["apply", &maps.kota.folder(), "--yes"], &endpoint).output().unwrap();
        assert!(apply.status.success(), "{}", String::from_utf8_lossy(&apply.stderr));
        assert_by(&before_named.lock().unwrap(), &[OLD], &[OLD]);
        assert_by(&traffic.until_now(), &[OLD, NEW], &[OLD, NEW]);
        assert_by(&traffic.sent_from_now_on(), &[NEW], &[OLD, NEW]);
        thread::sleep(BELIEVED + Duration::from_secs(5));
        assert_by(&traffic.until_now(), &[NEW], &[OLD, NEW]);
        assert_by(&traffic.sent_from_now_on(), &[NEW], &[NEW]);
    });
}

#[test]
fn an_apply_that_is_killed_leaves_one_map_whole_and_run_again_ends_with_the_new_one() {
    let maps = Maps::new();
    Traffic::during(&maps, |traffic| {
        // There and back: cells that are to go in ten minutes count again.
        for (old, new) in [(OLD, NEW), (NEW, OLD)] {
            maps.write(new);
            assert!(!Cut::at(|_, call| writes_cells(call)).apply(&maps.kota));
            assert_eq!(maps.changes_of_map(), ["write_map", "expire_map"]);
            assert_by(&traffic.sent_from_now_on(), &[old], &[OLD, NEW]);
            assert!(!Cut::at(|_, call| names_map(call)).apply(&maps.kota));
            assert_eq!(maps.changes_of_map(), ["expire_map"]);
            assert_by(&traffic.sent_from_now_on(), &[new], &[OLD, NEW]);
            maps.kota.apply();
            assert_eq!(maps.changes_of_map(), Vec::<String>::new());
            assert_by(&traffic.sent_from_now_on(), &[new], &[OLD, NEW]);
        }
    });
}
