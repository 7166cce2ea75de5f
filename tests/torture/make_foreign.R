# The files of `files/` that R writes; called by make_foreign.py. Their content is synthetic.
library(data.table)
library(openxlsx)

folder <- commandArgs(trailingOnly = TRUE)[1]
path <- function(name) file.path(folder, name)
answers <- data.frame(
  respnr = 1:3,
  datum = as.Date(c("2025-03-01", NA, "2025-12-31")),
  getal = c(3.5, NA, 1e-7),
  waar = c(TRUE, FALSE, NA),
  tekst = c("ja", NA, "zeg \"nee\""),
  klasse = factor(c("hoog", "laag", NA))
)

write.csv(answers, path("r-write-csv-row-names-comma.csv"))
write.csv(answers, path("r-write-csv-comma.csv"), row.names = FALSE, na = "")
write.csv2(answers, path("r-write-csv2-semicolon.csv"), row.names = FALSE)
write.csv2(transform(answers, tekst = c("één", "€ 5", NA)), path("r-write-csv2-1252-semicolon.csv"), row.names = FALSE, fileEncoding = "WINDOWS-1252")
write.table(answers, path("r-write-table-tab.tsv"), sep = "\t", row.names = FALSE, quote = FALSE)
write.table(answers, path("r-write-table-header-shifted-tab.tsv"), sep = "\t", quote = FALSE)
write.csv(answers, path("r-write-csv-crlf-comma.csv"), row.names = FALSE, eol = "\r\n")
fwrite(answers, path("r-fwrite-comma.csv"))
fwrite(answers, path("r-fwrite-semicolon-decimal-comma.csv"), sep = ";", dec = ",")
fwrite(answers, path("r-fwrite-quoted-mark-comma.csv"), quote = TRUE, bom = TRUE, na = "NA")
fwrite(answers, path("r-fwrite-comma.csv.gz"))

write.xlsx(answers, path("r-openxlsx-plain.xlsx"), overwrite = TRUE)
write.xlsx(answers, path("r-openxlsx-na.xlsx"), overwrite = TRUE, keepNA = TRUE)
write.xlsx(list(Toelichting = data.frame(a = "tekst"), Data = answers), path("r-openxlsx-two-sheets.xlsx"), overwrite = TRUE, asTable = TRUE)
book <- createWorkbook()
addWorksheet(book, "Data", visible = TRUE)
addWorksheet(book, "Weg", visible = FALSE)
writeData(book, "Data", "Levering", startRow = 1)
writeData(book, "Data", answers, startRow = 3, startCol = 2, headerStyle = createStyle(textDecoration = "bold"))
mergeCells(book, "Data", cols = 2:4, rows = 1)
writeFormula(book, "Data", "1+1", startRow = 4, startCol = 8)
saveWorkbook(book, path("r-openxlsx-styled.xlsx"), overwrite = TRUE)
