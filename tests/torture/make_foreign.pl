# Makes an xls of `files/` by Spreadsheet::WriteExcel, which calculates nothing and writes cells in the order in which they are given.
use strict;
use warnings;
use Spreadsheet::WriteExcel;

my $folder = shift;
my $book = Spreadsheet::WriteExcel->new("$folder/perl-plain.xls");
my $sheet = $book->add_worksheet('Data');
my $day = $book->add_format(num_format => 'dd-mm-yyyy');
$sheet->write_row(3, 0, [3, "\x{e9}\x{e9}n", 0.1]);
$sheet->write_row(0, 0, ['respnr', 'tekst', 'getal', 'formule', 'datum', 'leeg']);
$sheet->write_row(1, 0, [1, "\x{20ac} 5", 3.5]);
$sheet->write_row(2, 0, [2, 'ja', 1e300]);
$sheet->write_formula($_, 3, '=A2*2') for 1 .. 3;
$sheet->write_date_time(1, 4, '2025-03-01T', $day);
$sheet->write_blank(1, 5, $day);
$sheet->set_row(2, undef, undef, 1);
$sheet->set_column('C:C', 10, undef, 1);
$sheet->merge_range('A6:C6', 'Bron: bureau', $book->add_format(align => 'left'));
$book->close;
