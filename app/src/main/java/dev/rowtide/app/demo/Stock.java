package dev.rowtide.app.demo;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** What the shop sells, and to whom: all of it made up. */
final class Stock {
    /** @param weightKg packed */
    record Article(String name, String category, int priceCents, double weightKg) {}

    static final List<Article> ARTICLES = List.of(
            new Article("High tide mug", "kitchen", 1450, 0.42),
            new Article("Low tide mug", "kitchen", 1450, 0.42),
            new Article("Enamel coffee pot", "kitchen", 3890, 0.95),
            new Article("Oyster knife", "kitchen", 2290, 0.18),
            new Article("Linen tea towel", "kitchen", 1190, 0.12),
            new Article("Cast iron pan", "kitchen", 5400, 2.6),
            new Article("Sea salt, 250 g", "pantry", 690, 0.28),
            new Article("Smoked paprika", "pantry", 540, 0.09),
            new Article("Tinned sardines", "pantry", 480, 0.15),
            new Article("Ginger biscuits", "pantry", 390, 0.24),
            new Article("Heather honey", "pantry", 990, 0.51),
            new Article("Lapsang tea", "pantry", 1250, 0.13),
            new Article("Oilskin jacket", "clothing", 18900, 1.35),
            new Article("Fisherman's sweater", "clothing", 12900, 0.9),
            new Article("Striped shirt", "clothing", 4900, 0.22),
            new Article("Wool cap", "clothing", 2900, 0.08),
            new Article("Deck shoes", "clothing", 8900, 0.85),
            new Article("Thick socks", "clothing", 1690, 0.1),
            new Article("Brass ship's bell", "deck", 7900, 1.7),
            new Article("Storm lantern", "deck", 4590, 1.1),
            new Article("Three-strand rope, 10 m", "deck", 2390, 1.25),
            new Article("Canvas bucket", "deck", 2790, 0.4),
            new Article("Folding stool", "deck", 5290, 2.1),
            new Article("Signal whistle", "deck", 890, 0.03),
            new Article("Tide table of the year", "paper", 1290, 0.21),
            new Article("Chart of the estuary", "paper", 2450, 0.15),
            new Article("Waterproof notebook", "paper", 1090, 0.14),
            new Article("Carpenter's pencil", "paper", 190, 0.01),
            new Article("Postcards of lighthouses", "paper", 750, 0.06),
            new Article("Book of knots", "paper", 1980, 0.38),
            new Article("Barometer", "instruments", 14900, 0.8),
            new Article("Pocket compass", "instruments", 3690, 0.09),
            new Article("Binoculars 7x50", "instruments", 21900, 1.2),
            new Article("Hand-bearing compass", "instruments", 8450, 0.3));

    static final List<String> FIRST_NAMES = List.of(
            "Ada", "Amir", "Anouk", "Bram", "Carla", "Chidi", "Dora", "Elif", "Emil", "Freya", "Gustav", "Hana", "Ines",
            "Ivan", "Jonas", "Kaya", "Lena", "Luca", "Mei", "Nadia", "Noah", "Olga", "Pablo", "Priya", "Ruth", "Sami",
            "Sören", "Tove", "Yara", "Zoë");

    static final List<String> LAST_NAMES = List.of(
            "Adeyemi",
            "Berg",
            "Castillo",
            "Demir",
            "Eriksen",
            "Fontaine",
            "García",
            "Haas",
            "Ito",
            "Janssen",
            "Kowalski",
            "Lindqvist",
            "Marin",
            "Novak",
            "Okafor",
            "Petit",
            "Quist",
            "Rossi",
            "Schmidt",
            "Tanaka",
            "Ueda",
            "Vogel",
            "Weber",
            "Yilmaz",
            "Zhang");

    static final List<String> CITIES = List.of(
            "Aarhus",
            "Bergen",
            "Bilbao",
            "Brest",
            "Cork",
            "Gdańsk",
            "Genoa",
            "Hamburg",
            "Leith",
            "Lisbon",
            "Malmö",
            "Ostend",
            "Piraeus",
            "Porto",
            "Rostock",
            "Split",
            "Tallinn",
            "Turku",
            "Valencia",
            "Whitby");

    static final List<String> NOTES = List.of(
            "Please ring twice.",
            "A present: no invoice in the parcel.",
            "Leave it with the neighbours on the left.",
            "Not before Thursday.",
            "The gate sticks, push hard.",
            "Thank you for the biscuits last time!");

    private Stock() {}

    static <T> T any(List<T> list, RandomGenerator random) {
        return list.get(random.nextInt(list.size()));
    }

    /** A name as the first part of a mail address, without accents. */
    static String mailbox(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFD)
                .replaceAll("[^A-Za-z.]", "")
                .toLowerCase(Locale.ROOT);
    }
}
