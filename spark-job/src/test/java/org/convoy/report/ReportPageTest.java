package org.convoy.report;

import java.io.StringReader;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.convoy.report.ReportPage.Chart;
import org.convoy.report.ReportPage.Confusion;
import org.convoy.report.ReportPage.Curve;
import org.convoy.report.ReportPage.Row;
import org.convoy.report.ReportPage.Summary;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ReportPageTest {
    private static final Confusion CATS_AND_DOGS =
            new Confusion(List.of("cat", "dog"), List.of(List.of(8L, 2L), List.of(1L, 9L)));

    @Test
    void showsEverythingItWasGiven() throws Exception {
        Document page = parse(ReportPage.html(pets(Optional.of(CATS_AND_DOGS))));

        String text = page.getDocumentElement().getTextContent();
        assertThat(text)
                .contains("Training of pets", "lenet, version 3", "Test accuracy", "85.00 %", "epochs = 2")
                .contains("Loss", "training", "validation", "training, epoch 2: 0.2500");
        assertThat(page.getElementsByTagName("circle").getLength()).isEqualTo(4);
    }

    @Test
    void computesPrecisionRecallAndF1FromTheMatrix() throws Exception {
        Document page = parse(ReportPage.html(pets(Optional.of(CATS_AND_DOGS))));

        assertThat(cells(page)).containsSequence("cat", "10", "88.89 %", "80.00 %", "84.21 %");
        assertThat(cells(page)).containsSequence("dog", "10", "81.82 %", "90.00 %", "85.71 %");
        assertThat(cells(page)).containsSequence("8", "2", "1", "9");
        assertThat(cells(page)).containsSequence("cat", "dog", "2", "dog", "cat", "1");
    }

    @Test
    void leavesOpenWhatAClassWithoutExamplesHasNot() throws Exception {
        Confusion noDogs = new Confusion(List.of("cat", "dog"), List.of(List.of(5L, 0L), List.of(0L, 0L)));

        assertThat(cells(parse(ReportPage.html(pets(Optional.of(noDogs))))))
                .containsSequence("dog", "0", "–", "–", "–")
                .doesNotContain("NaN");
    }

    @Test
    void escapesWhatUsersNamed() throws Exception {
        String evil = "<script>alert('x') & \"y\"</script>\u0001";
        Summary summary = new Summary(
                evil,
                evil,
                evil,
                List.of(new Row(evil, evil)),
                List.of(new Chart(evil, List.of(new Curve(evil, List.of(1.0))))),
                Optional.of(new Confusion(List.of(evil), List.of(List.of(1L)))),
                evil);

        String html = ReportPage.html(summary);

        assertThat(html).doesNotContain("<script");
        assertThat(parse(html).getElementsByTagName("h1").item(0).getTextContent())
                .isEqualTo("<script>alert('x') & \"y\"</script>\uFFFD");
    }

    @Test
    void fetchesNothing() {
        assertThat(ReportPage.html(pets(Optional.of(CATS_AND_DOGS)))
                        .replace("xmlns=\"http://www.w3.org/1999/xhtml\"", ""))
                .doesNotContain("http", "src=", "url(", "@import", "<link");
    }

    @Test
    void drawsRunsThatDivergedOrNeverBegan() throws Exception {
        Summary summary = new Summary(
                "t",
                "m",
                "1",
                List.of(),
                List.of(
                        new Chart("Loss", List.of(new Curve("a", List.of(1.0, Double.NaN, Double.POSITIVE_INFINITY)))),
                        new Chart("Constant", List.of(new Curve("b", List.of(0.5, 0.5)))),
                        new Chart("Empty", List.of(new Curve("c", List.of())))),
                Optional.empty(),
                "");

        String html = ReportPage.html(summary);

        assertThat(html).doesNotContain("NaN", "Infinity");
        assertThat(parse(html).getElementsByTagName("circle").getLength()).isEqualTo(3);
    }

    @Test
    void replacesTheMatrixOfManyClassesByItsCommonestMistakes() {
        List<String> names = IntStream.range(0, 100).mapToObj(i -> "class" + i).toList();
        Confusion confusion = new Confusion(names, Collections.nCopies(100, Collections.nCopies(100, 1L)));

        assertThat(ReportPage.html(pets(Optional.of(confusion))))
                .doesNotContain("class=\"matrix\"")
                .contains("Commonest mistakes");
    }

    @Test
    void refusesAMatrixThatDoesNotFitTheClasses() {
        assertThatThrownBy(() -> new Confusion(List.of("cat", "dog"), List.of(List.of(1L, 2L))))
                .hasMessage("counts must be 2 rows of 2 for 2 classes");
    }

    private static Summary pets(Optional<Confusion> confusion) {
        return new Summary(
                "Training of pets",
                "lenet",
                "3",
                List.of(new Row("Test accuracy", "85.00 %"), new Row("Workers", "2")),
                List.of(new Chart(
                        "Loss",
                        List.of(
                                new Curve("training", List.of(0.5, 0.25)),
                                new Curve("validation", List.of(0.6, 0.4))))),
                confusion,
                "epochs = 2");
    }

    private static List<String> cells(Document page) {
        NodeList cells = page.getElementsByTagName("td");
        return IntStream.range(0, cells.getLength())
                .mapToObj(i -> cells.item(i).getTextContent())
                .toList();
    }

    private static Document parse(String html) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    }
}
