package handlers

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// meaning is what a word in a header says of its column.
type meaning int

// The meanings, of which the first ones are better ids than the others.
const (
	meansNumber    meaning = iota // what the institution calls a student by
	meansID                       // an id of something
	meansLogin                    // what people sign in with
	meansEmail                    // an address
	meansStudent                  // the student: by id or by name, whichever other column there is not
	meansFullName                 // all names
	meansName                     // all names, or those that another column does not have
	meansFirstName                // given names
	meansLastName                 // family names
	meansTotal                    // no column, but a line that adds up: it has no student
	meanings                      // how many there are
)

// rosterWords is the dictionary of headers: one line for each language or program, with the code page of its Windows and
// the words for each meaning in order, separated by commas. How words are compared is wordKey's business.
var rosterWords = []struct {
	of    string
	page  codePage
	words [meanings]string
}{
	// {number, id, login, email, student, full name, name, first name, last name, total}
	{"English", anyPage, [meanings]string{"student id, student no, student number, student code, student id number, roll no, roll number, registration no, registration number, reg no, enrolment no, enrollment no, enrolment number, enrollment number, admission no, admission number, matriculation no, matriculation number, matric no, matric number, index number, learner id, pupil id, pupil number, register number, register no, university id, campus id, school id, exam number, candidate number, banner id", "id, user id, person id, code, number", "username, user name, login, login id, net id, account", "email, email address, e-mail, e-mail address, mail", "student, pupil, learner", "full name, student name, name of student, name of the student, student full name, display name, complete name, learner name, pupil name", "name", "first name, given name, given names, forename, forenames, first names, student first name, preferred first name", "last name, surname, family name, second name, student last name", "total, totals, grand total, sum, count, total students, number of students, student count, students, average, mean, overall average, class average"}},
	{"Moodle", anyPage, [meanings]string{"id number", "", "", "", "", "first name / last name, last name / first name, full name with link, user full name", "", "", "", ""}},
	{"Canvas", anyPage, [meanings]string{"sis user id, integration id", "canvas user id, canvas id", "sis login id, login id", "", "", "sortable name, short name", "", "", "", "points possible, student test, test student"}},
	{"Google Classroom", anyPage, [meanings]string{"", "", "", "email address [required], student email", "", "", "", "first name [required]", "last name [required]", ""}},
	{"OneRoster", anyPage, [meanings]string{"identifier, user master identifier", "sourced id, user sourced id, student sourced id", "", "", "", "", "", "preferred given name", "preferred family name", ""}},
	{"German", western, [meanings]string{"Matrikelnummer, Matrikelnr, Matrikel-Nr., Matr.-Nr., Matrikel, Mtknr, Schülernummer, Schüler-Nr., Schüler-ID, Studentennummer, Studierendennummer, Studierenden-ID, Studenten-ID, Legi, Leginummer, Personenkennzeichen", "Kennung, Kennnummer, Nummer, Ausweisnummer", "Benutzername, Benutzerkennung, Anmeldename, Nutzername", "E-Mail-Adresse, Mailadresse", "Schüler, Schülerin, Schüler/in, Student/in, Studierende, Studierender, Teilnehmer, Teilnehmerin, Teilnehmer/in", "vollständiger Name, ganzer Name, Anzeigename, Vor- und Nachname, Vorname und Nachname, Vorname Nachname, Nachname Vorname, Name Vorname, Schülername", "", "Vorname, Vornamen, Rufname", "Nachname, Familienname, Zuname", "Summe, Gesamt, Insgesamt, Anzahl, Gesamtzahl, Gesamtsumme, Durchschnitt"}},
	{"French", western, [meanings]string{"Identifiant, Numéro d’étudiant, Numéro étudiant, N° étudiant, No étudiant, Num étudiant, INE, Matricule, Code étudiant, Code permanent, Numéro d’élève, Numéro d’identification, Identifiant national", "Numéro", "Nom d’utilisateur, Utilisateur, Compte", "Adresse de courriel, Courriel, Adresse électronique, Adresse mail, Adresse e-mail", "Étudiant, Étudiante, Élève", "Nom complet, Nom et prénom, Prénom et nom, Nom Prénom, Prénom Nom, Nom de l’élève, Nom de l’étudiant", "Nom", "Prénom, Prénoms", "Nom de famille, Nom d’usage", "Somme, Effectif, Total général, Moyenne"}},
	{"Spanish", western, [meanings]string{"Matrícula, Número de matrícula, Nº de matrícula, No. de matrícula, Número de alumno, Número de estudiante, Nº expediente, Expediente, Número de expediente, NIU, Carné, Carnet, Legajo, Boleta, Código de estudiante, Código del estudiante, Número de control, Cédula, DNI, Número de ID, Número de identificación, RUT, RUN", "Código, Número, Identificador, Clave", "Usuario, Nombre de usuario", "Correo, Correo electrónico, Dirección de correo, Dirección de correo electrónico", "Alumno, Alumna, Alumno/a, Estudiante", "Nombre completo, Nombre y apellidos, Nombre y apellido, Apellidos y nombre, Apellidos y nombres, Apellido(s) y nombre, Nombre del alumno, Nombre del estudiante", "", "Nombre, Nombres, Nombre(s)", "Apellido, Apellidos, Apellido(s)", "Total general, Suma, Cantidad, Promedio, Media"}},
	{"Portuguese", western, [meanings]string{"Matrícula, Número de matrícula, Nº de matrícula, RA, Registro acadêmico, Número de aluno, Nº aluno, Número mecanográfico, Nº mecanográfico, Número USP, Número de identificação", "Código, Número, Identificador", "Usuário, Nome de usuário, Utilizador, Nome de utilizador", "Endereço de email, Endereço de e-mail, Correio eletrónico", "Aluno, Aluna, Aluno(a), Estudante", "Nome completo, Nome do aluno, Nome e sobrenome, Nome do estudante", "Nome", "Primeiro nome, Nome próprio, Nomes próprios", "Sobrenome, Apelido, Último nome", "Soma, Total geral, Média"}},
	{"Italian", western, [meanings]string{"Matricola, Numero di matricola, N. matricola, Codice studente, Codice fiscale, Codice identificativo, Numero ID", "Codice, Numero, Identificativo", "Nome utente, Utente", "Indirizzo email, Posta elettronica", "Studente, Studentessa, Alunno", "Nome completo, Nome e cognome, Cognome e nome, Cognome Nome, Nominativo", "Nome", "Nome proprio", "Cognome", "Totale, Somma, Totale complessivo, Media"}},
	{"Dutch", western, [meanings]string{"Studentnummer, Leerlingnummer, Stamnummer, Studentnr, Leerlingnr, Studentennummer, ID-nummer", "Nummer, Kenmerk", "Gebruikersnaam, Inlognaam", "E-mailadres", "Leerling, Studente", "Volledige naam, Naam student, Naam leerling, Voor- en achternaam", "Naam", "Voornaam, Roepnaam", "Achternaam, Familienaam", "Totaal, Aantal, Som, Gemiddelde"}},
	{"Danish", western, [meanings]string{"Studienummer, Studienr, Elevnummer, Studerendenummer, ID-nummer", "Nummer", "Brugernavn", "Mailadresse, E-mailadresse", "Studerende, Elev", "Fulde navn, Fuldt navn", "Navn", "Fornavn, Fornavne", "Efternavn", "I alt, Sum, Antal, Gennemsnit"}},
	{"Norwegian", western, [meanings]string{"Studentnummer, Studentnr, Elevnummer, Kandidatnummer, ID-nummer", "Nummer", "Brukernavn", "E-postadresse, E-post, Epost", "Elev", "Fullt navn", "Navn", "Fornavn", "Etternavn", "Totalt, Sum, Antall, Gjennomsnitt"}},
	{"Swedish", western, [meanings]string{"Studentnummer, Elevnummer, Personnummer, Studentid, ID-nummer", "Nummer", "Användarnamn", "E-postadress, E-post, Epost", "Elev, Studerande", "Fullständigt namn, För- och efternamn", "Namn", "Förnamn", "Efternamn", "Totalt, Summa, Antal, Medel, Medelvärde"}},
	{"Finnish", western, [meanings]string{"Opiskelijanumero, Opiskelijanro, Oppilasnumero, ID-numero", "Tunniste, Numero, Tunnus", "Käyttäjätunnus, Käyttäjänimi", "Sähköposti, Sähköpostiosoite", "Opiskelija, Oppilas", "Koko nimi", "Nimi", "Etunimi, Etunimet, Kutsumanimi", "Sukunimi", "Yhteensä, Summa, Lukumäärä, Keskiarvo"}},
	{"Icelandic", western, [meanings]string{"Kennitala, Nemendanúmer", "Númer, Auðkenni", "Notandanafn", "Netfang", "Nemandi", "Fullt nafn", "Nafn", "Fornafn, Eiginnafn", "Eftirnafn", "Samtals, Fjöldi, Meðaltal"}},
	{"Polish", centralEurope, [meanings]string{"Numer albumu, Nr albumu, Numer indeksu, Nr indeksu, Indeks, Numer legitymacji, Nr legitymacji, Numer ucznia, Identyfikator studenta, Numer ID", "Numer, Identyfikator", "Nazwa użytkownika, Użytkownik", "Adres e-mail, Adres email", "Uczeń, Studentka", "Imię i nazwisko, Nazwisko i imię, Nazwisko Imię", "", "Imię, Imiona", "Nazwisko", "Suma, Razem, Ogółem, Liczba, Średnia"}},
	{"Czech", centralEurope, [meanings]string{"Osobní číslo, Číslo studenta, Studijní číslo, UČO, Univerzitní číslo, Identifikační číslo", "Číslo, Identifikátor", "Uživatelské jméno, Uživatel", "E-mailová adresa", "Žák, Studentka", "Celé jméno, Jméno a příjmení, Příjmení a jméno", "", "Jméno, Křestní jméno", "Příjmení", "Celkem, Součet, Počet, Průměr"}},
	{"Slovak", centralEurope, [meanings]string{"Osobné číslo, Číslo študenta, Identifikačné číslo, ISIC", "Číslo, Identifikátor", "Používateľské meno, Používateľ", "E-mailová adresa", "Študent, Žiak", "Celé meno, Meno a priezvisko, Priezvisko a meno", "", "Meno, Krstné meno", "Priezvisko", "Spolu, Súčet, Počet, Priemer"}},
	{"Hungarian", centralEurope, [meanings]string{"Neptun kód, Neptun-kód, Neptunkód, Azonosító szám, Oktatási azonosító, Hallgatói azonosító, Diákigazolvány szám", "Azonosító, Kód, Szám", "Felhasználónév", "E-mail cím, Email cím", "Hallgató, Tanuló, Diák", "Teljes név", "Név", "Keresztnév, Utónév", "Vezetéknév, Családnév", "Összesen, Összeg, Létszám, Átlag"}},
	{"Romanian", centralEurope, [meanings]string{"Număr matricol, Nr. matricol, Nr matricol, CNP, Cod student", "Cod, Număr", "Nume de utilizator, Utilizator", "Adresă de email, Adresa de e-mail", "Elev, Studentă", "Nume complet, Nume și prenume, Numele și prenumele, Nume Prenume", "Nume", "Prenume", "Nume de familie", "Sumă, Total general, Număr de studenți, Medie"}},
	{"Croatian, Bosnian, Serbian, Slovene", centralEurope, [meanings]string{"JMBAG, Matični broj, Broj indeksa, Broj indexa, Indeks, Vpisna številka, Vpisna st, Matična številka, Broj studenta", "Broj, Šifra, Številka, Oznaka", "Korisničko ime, Uporabniško ime", "E-pošta, Adresa e-pošte, E-mail adresa", "Učenik, Učenec, Dijak, Studentica", "Ime i prezime, Prezime i ime, Ime in priimek, Priimek in ime, Puno ime, Polno ime", "", "Ime", "Prezime, Priimek", "Ukupno, Zbroj, Suma, Skupaj, Vsota, Prosjek, Povprečje"}},
	{"Albanian", centralEurope, [meanings]string{"Numri i studentit, Numri i matrikullës, Numri i amzës", "Numri, Kodi", "Emri i përdoruesit", "Adresa e emailit", "Studenti, Nxënësi", "Emri i plotë, Emri dhe mbiemri, Emër mbiemër", "", "Emri, Emër", "Mbiemri, Mbiemër", "Totali, Shuma, Gjithsej, Mesatarja"}},
	{"Turkish", turkish, [meanings]string{"Öğrenci no, Öğrenci numarası, Okul no, Okul numarası, Öğr. no, TC kimlik no, Kimlik no, Kimlik numarası, Öğrenci kodu", "Numara, Kimlik, Kod", "Kullanıcı adı", "E-posta, E-posta adresi, Eposta", "Öğrenci", "Ad soyad, Adı soyadı, Ad ve soyad, Tam ad, İsim soyisim, Öğrenci adı soyadı, Öğrenci adı", "İsim", "Ad, Adı", "Soyad, Soyadı, Soyisim", "Toplam, Genel toplam, Mevcut, Ortalama"}},
	{"Azerbaijani", turkish, [meanings]string{"Tələbə nömrəsi, Tələbə kodu, Şagird nömrəsi", "Nömrə", "İstifadəçi adı", "E-poçt", "Tələbə, Şagird", "Tam ad, Ad soyad, Soyadı adı", "", "Ad, Adı", "Soyad, Soyadı", "Cəmi, Yekun, Orta"}},
	{"Estonian", baltic, [meanings]string{"Matriklinumber, Üliõpilaskood, Õpilaskood, Isikukood", "Number, Kood, Tunnus", "Kasutajanimi", "E-posti aadress, E-post", "Üliõpilane, Õpilane, Tudeng", "Täisnimi, Ees- ja perekonnanimi, Täielik nimi", "Nimi", "Eesnimi", "Perekonnanimi, Perenimi", "Kokku, Summa, Keskmine"}},
	{"Latvian", baltic, [meanings]string{"Studenta apliecības numurs, Apliecības numurs, Matrikulas numurs, Personas kods, Studenta numurs", "Numurs, Kods, Identifikators", "Lietotājvārds", "E-pasts, E-pasta adrese", "Skolēns, Studente", "Pilns vārds, Vārds uzvārds, Vārds un uzvārds", "", "Vārds", "Uzvārds", "Kopā, Summa, Skaits, Vidēji"}},
	{"Lithuanian", baltic, [meanings]string{"Studento numeris, Studento pažymėjimo numeris, Pažymėjimo numeris, Asmens kodas, Studento kodas", "Numeris, Kodas, Identifikatorius", "Vartotojo vardas, Naudotojo vardas", "El. paštas, El. pašto adresas", "Studentas, Studentė, Mokinys", "Vardas ir pavardė, Vardas pavardė, Pavardė vardas, Pilnas vardas", "", "Vardas", "Pavardė", "Iš viso, Suma, Viso, Vidurkis"}},
	{"Russian", cyrillic, [meanings]string{"Номер зачётной книжки, Номер зачетки, Зачётная книжка, Зачётка, № зачётной книжки, № зачётки, Студенческий билет, Номер студенческого билета, № студенческого билета, Табельный номер, Шифр, Номер студента, Код студента, Индивидуальный номер", "Номер, Код, Идентификатор, ИД, Айди", "Логин, Имя пользователя", "Почта, Электронная почта, Адрес электронной почты, Эл. почта", "Студент, Ученик, Учащийся, Обучающийся", "ФИО, Ф.И.О., Фамилия Имя Отчество, Фамилия Имя, Полное имя, ФИО студента", "", "Имя", "Фамилия", "Итого, Всего, Сумма, Количество, Среднее, Общий итог"}},
	{"Ukrainian", cyrillic, [meanings]string{"Номер залікової книжки, Залікова книжка, № залікової книжки, Студентський квиток, Номер студентського квитка, Шифр, Номер студента, Код студента", "Номер, Код, Ідентифікатор", "Логін, Ім’я користувача", "Пошта, Електронна пошта", "Учень, Студентка, Здобувач", "ПІБ, П.І.Б., Прізвище та ім’я, Прізвище Ім’я, Повне ім’я, Прізвище ім’я по батькові", "", "Ім’я", "Прізвище", "Разом, Усього, Всього, Сума, Кількість, Середнє"}},
	{"Bulgarian, Macedonian, Serbian", cyrillic, [meanings]string{"Факултетен номер, Фак. номер, Фак. №, Ф.Н., Факултетен №, ЕГН, Број на индекс, Индекс, Број индекса, Матични број, Номер на ученик", "Номер, Број, Код, Идентификатор, Шифра", "Потребителско име, Корисничко име", "Имейл, Имейл адрес, Е-пошта, Електронна поща", "Ученик, Студентка", "Име и фамилия, Пълно име, Име и презиме, Презиме и име, Три имена", "", "Име, Собствено име", "Фамилия, Презиме, Фамилно име", "Общо, Сума, Вкупно, Укупно, Брой, Просек, Средно"}},
	{"Greek", greek, [meanings]string{"Αριθμός μητρώου, Αρ. μητρώου, ΑΜ, Α.Μ., Αριθμός μητρώου φοιτητή, ΑΕΜ, Α.Ε.Μ., Μητρώο", "Κωδικός, Αριθμός, Αναγνωριστικό", "Όνομα χρήστη", "Ηλεκτρονικό ταχυδρομείο, Διεύθυνση email", "Φοιτητής, Φοιτήτρια, Μαθητής, Μαθήτρια", "Ονοματεπώνυμο, Πλήρες όνομα, Όνομα και επώνυμο, Επώνυμο και όνομα", "", "Όνομα", "Επώνυμο, Επίθετο", "Σύνολο, Άθροισμα, Πλήθος, Μέσος όρος"}},
	{"Hebrew", hebrew, [meanings]string{"תעודת זהות, מספר זהות, מס' זהות, ת.ז., ת\"ז, מספר סטודנט, מספר תלמיד", "מספר מזהה, מזהה, מספר", "שם משתמש", "דואר אלקטרוני, אימייל, דוא\"ל, כתובת דוא\"ל", "סטודנט, סטודנטית, תלמיד, תלמידה", "שם מלא, שם הסטודנט, שם התלמיד, שם פרטי ומשפחה", "שם", "שם פרטי", "שם משפחה", "סה\"כ, סך הכל, סכום, ממוצע"}},
	{"Arabic", arabic, [meanings]string{"الرقم الجامعي, رقم الطالب, رقم القيد, الرقم الأكاديمي, الرقم الاكاديمي, رقم الجلوس, الرقم المدرسي, رقم الهوية, الرقم الوطني, رقم التسجيل", "الرقم, رقم, المعرف, المعرّف, الرمز", "اسم المستخدم", "البريد الإلكتروني, البريد الالكتروني, الإيميل", "الطالب, الطالبة, التلميذ", "الاسم الكامل, اسم الطالب, الاسم الثلاثي, الاسم الرباعي", "الاسم, الإسم, اسم", "الاسم الأول, الاسم الاول, الاسم الشخصي", "اسم العائلة, اللقب, الاسم الأخير, الكنية, النسب, الاسم العائلي", "المجموع, الإجمالي, الاجمالي, العدد, المعدل"}},
	{"Persian", arabic, [meanings]string{"شماره دانشجویی, شماره دانشجوئی, کد دانشجویی, شماره دانش\u200cآموزی, کد ملی, کدملی, شماره پرسنلی", "شماره, کد, شناسه", "نام کاربری", "ایمیل, پست الکترونیک, نشانی رایانامه, رایانامه", "دانشجو, دانش\u200cآموز", "نام و نام خانوادگی, نام ونام خانوادگی, نام کامل, نام خانوادگی و نام", "", "نام, نام کوچک", "نام خانوادگی", "جمع, مجموع, جمع کل, تعداد, میانگین"}},
	{"Urdu", arabic, [meanings]string{"رول نمبر, رجسٹریشن نمبر, داخلہ نمبر", "نمبر, شناخت", "صارف نام", "ای میل", "طالب علم, طالبہ", "پورا نام, طالب علم کا نام", "", "پہلا نام", "خاندانی نام, آخری نام", "کل, میزان, اوسط"}},
	{"Hindi, Marathi, Nepali", anyPage, [meanings]string{"अनुक्रमांक, रोल नंबर, रोल नम्बर, रोल नं, क्रमांक, नामांकन संख्या, प्रवेश संख्या, पंजीकरण संख्या, छात्र आईडी, छात्र संख्या, हजेरी क्रमांक, नोंदणी क्रमांक", "आईडी, पहचान", "उपयोगकर्ता नाम", "ईमेल, ई-मेल", "छात्र, छात्रा, विद्यार्थी", "पूरा नाम, छात्र का नाम, विद्यार्थी का नाम, विद्यार्थ्याचे नाव, पूर्ण नाव", "नाम, नाव", "पहला नाम, प्रथम नाम, पहिले नाव", "अंतिम नाम, उपनाम, कुलनाम, आडनाव, थर", "कुल, कुल योग, योग, एकूण, जम्मा, औसत"}},
	{"Bengali", anyPage, [meanings]string{"রোল নম্বর, রোল নং, রোল, শিক্ষার্থী আইডি, নিবন্ধন নম্বর, রেজিস্ট্রেশন নম্বর", "আইডি, নম্বর", "ব্যবহারকারীর নাম", "ইমেইল, ই-মেইল", "শিক্ষার্থী, ছাত্র, ছাত্রী", "পূর্ণ নাম, শিক্ষার্থীর নাম, ছাত্রের নাম", "নাম", "নামের প্রথম অংশ, প্রথম নাম", "নামের শেষ অংশ, শেষ নাম, পদবি", "মোট, সর্বমোট, গড়"}},
	{"Gujarati, Punjabi", anyPage, [meanings]string{"રોલ નંબર, અનુક્રમ નંબર, ਰੋਲ ਨੰਬਰ", "આઈડી, ਆਈਡੀ", "", "ઇમેઇલ, ਈਮੇਲ", "વિદ્યાર્થી, ਵਿਦਿਆਰਥੀ", "પૂરું નામ, વિદ્યાર્થીનું નામ, ਪੂਰਾ ਨਾਮ", "નામ, ਨਾਮ, ਨਾਂ", "પ્રથમ નામ, ਪਹਿਲਾ ਨਾਮ", "અટક, ਆਖਰੀ ਨਾਮ, ਗੋਤ", "કુલ, ਕੁੱਲ"}},
	{"Tamil, Telugu, Kannada, Malayalam", anyPage, [meanings]string{"பதிவு எண், மாணவர் எண், రోల్ నంబర్, హాల్ టికెట్ నంబర్, ರೋಲ್ ನಂಬರ್, ക്രമനമ്പർ, റോൾ നമ്പർ", "எண், ఐడి, ಐಡಿ, ഐഡി", "", "மின்னஞ்சல், ఈమెయిల్, ಇಮೇಲ್, ഇമെയിൽ", "மாணவர், విద్యార్థి, ವಿದ್ಯಾರ್ಥಿ, വിദ്യാർത്ഥി", "முழுப் பெயர், மாணவர் பெயர், పూర్తి పేరు, విద్యార్థి పేరు, ಪೂರ್ಣ ಹೆಸರು, ವಿದ್ಯಾರ್ಥಿಯ ಹೆಸರು, മുഴുവൻ പേര്", "பெயர், పేరు, ಹೆಸರು, പേര്", "முதல் பெயர், మొదటి పేరు, ಮೊದಲ ಹೆಸರು, ആദ്യ പേര്", "கடைசி பெயர், ఇంటిపేరు, ఇంటి పేరు, ಕೊನೆಯ ಹೆಸರು, അവസാന പേര്", "மொத்தம், మొత్తం, ಒಟ್ಟು, ആകെ"}},
	{"Sinhala, Khmer, Burmese, Lao", anyPage, [meanings]string{"ලියාපදිංචි අංකය, ශිෂ්\u200dය අංකය, អត្តលេខ, លេខសម្គាល់, ခုံအမှတ်, ລະຫັດນັກສຶກສາ", "අංකය", "", "", "ශිෂ්\u200dයයා, សិស្ស, និស្សិត, ကျောင်းသား, ນັກສຶກສາ", "සම්පූර්ණ නම, ឈ្មោះពេញ, ຊື່ ແລະ ນາມສະກຸນ", "නම, ឈ្មោះ, အမည်", "මුල් නම, នាមខ្លួន, ຊື່", "වාසගම, នាមត្រកូល, ນາມສະກຸນ", "එකතුව, សរុប, စုစုပေါင်း, ລວມ"}},
	{"Chinese", mainlandChina, [meanings]string{"学号, 学籍号, 学生编号, 学生学号, 学生号, 学生ID, 考号, 准考证号, 工号, 学籍编号", "编号, 号码, 标识号, 身份证号", "用户名, 账号, 帐号, 登录名", "邮箱, 电子邮件, 电子邮箱, 邮件地址, 电子邮件地址", "学生, 学员", "全名, 学生姓名, 真实姓名, 学员姓名", "姓名, 名字, 名称", "名", "姓, 姓氏", "合计, 总计, 总数, 总人数, 小计, 人数, 共计, 平均, 平均分"}},
	{"Traditional Chinese", taiwan, [meanings]string{"學號, 學籍號, 學生編號, 學生學號, 學生號, 學生ID, 座號, 准考證號", "編號, 號碼, 識別號碼, 身分證字號", "使用者名稱, 帳號, 用戶名", "信箱, 電子郵件, 電子信箱, 電郵, 郵件地址, 電子郵件信箱", "學生, 學員", "全名, 學生姓名, 中文姓名, 真實姓名", "姓名, 名字, 名稱", "名", "姓, 姓氏", "合計, 總計, 總數, 總人數, 小計, 人數, 共計, 平均"}},
	{"Japanese", japan, [meanings]string{"学籍番号, 学生番号, 生徒番号, 出席番号, 学生証番号, 児童番号, 学籍番号(ID), 学生ID", "番号, ID番号, 識別番号", "ユーザ名, ユーザー名, ログインID, ユーザID", "メール, メールアドレス, Eメール", "学生, 生徒, 児童", "氏名, 学生氏名, 生徒氏名, 氏名(漢字), フルネーム", "名前, お名前", "名", "姓, 苗字", "合計, 計, 総計, 人数, 平均"}},
	{"Korean", korea, [meanings]string{"학번, 학생번호, 학생 번호, 출석번호, 수험번호, 교번", "번호, 아이디, 식별번호", "사용자명, 사용자 이름, 사용자 아이디", "이메일, 이메일 주소, 전자우편, 메일", "학생", "학생 이름, 학생명, 성함, 전체 이름", "이름, 성명", "명", "성", "합계, 총계, 소계, 계, 인원, 총원, 평균"}},
	{"Vietnamese", vietnamese, [meanings]string{"Mã sinh viên, Mã số sinh viên, MSSV, Mã SV, MSV, Mã học sinh, Mã HS, Số báo danh, SBD, Mã số, Mã học viên", "Mã", "Tên đăng nhập, Tên người dùng, Tài khoản", "Thư điện tử, Địa chỉ email", "Sinh viên, Học sinh, Học viên", "Họ và tên, Họ tên, Tên đầy đủ, Họ và tên sinh viên, Tên sinh viên, Tên học sinh", "", "Tên", "Họ, Họ đệm, Họ và tên đệm, Họ lót", "Tổng, Tổng cộng, Tổng số, Cộng, Sĩ số, Trung bình"}},
	{"Thai", thai, [meanings]string{"รหัสนักศึกษา, รหัสนักเรียน, รหัสนิสิต, เลขประจำตัว, เลขประจำตัวนักเรียน, เลขประจำตัวนักศึกษา, รหัสประจำตัว, เลขทะเบียน", "รหัส", "ชื่อผู้ใช้", "อีเมล, อีเมล์", "นักศึกษา, นักเรียน, นิสิต", "ชื่อ-นามสกุล, ชื่อ นามสกุล, ชื่อ-สกุล, ชื่อ สกุล, ชื่อเต็ม, ชื่อและนามสกุล", "", "ชื่อ", "นามสกุล, สกุล", "รวม, รวมทั้งหมด, จำนวน, เฉลี่ย"}},
	{"Indonesian, Malay", western, [meanings]string{"NIM, NISN, NIS, NPM, NRP, Nomor induk, Nomor induk mahasiswa, Nomor induk siswa, No. Induk, No Matrik, No. Matrik, Nombor matrik, Nomor mahasiswa, No. Pendaftaran, Nomor ujian, No. Absen", "Nomor, Nombor, Kode, Kod", "Nama pengguna, Pengguna", "Surel, E-mel, Alamat email, Alamat surel", "Mahasiswa, Siswa, Pelajar, Murid", "Nama lengkap, Nama penuh, Nama mahasiswa, Nama siswa, Nama pelajar, Nama murid", "Nama", "Nama depan, Nama pertama", "Nama belakang, Nama keluarga, Nama akhir", "Jumlah, Total, Jumlah keseluruhan, Rata-rata, Purata"}},
	{"Filipino, Swahili, Afrikaans", western, [meanings]string{"Numero ng mag-aaral, Namba ya usajili, Namba ya mwanafunzi, Nambari ya usajili, Studentenommer, Leerdernommer", "Namba, Nambari, Nommer", "Jina la mtumiaji, Gebruikernaam", "Barua pepe, E-posadres, E-pos", "Mag-aaral, Mwanafunzi, Leerder", "Buong pangalan, Jina kamili, Volle naam", "Pangalan, Jina, Naam", "Unang pangalan, Jina la kwanza, Voornaam, Noemnaam", "Apelyido, Jina la ukoo, Jina la mwisho", "Kabuuan, Jumla, Totaal"}},
	{"Georgian, Armenian, Kazakh, Uzbek", anyPage, [meanings]string{"სტუდენტის ნომერი, პირადი ნომერი, Ուսանողի համար, Студенттің нөмірі, ЖСН, Talaba raqami, Talaba ID", "ნომერი, Համար, Нөмір, Raqam", "", "ელფოსტა, Էլ. փոստ, Электрондық пошта, Elektron pochta", "სტუდენტი, მოსწავლე, Ուսանող, Оқушы, Talaba, O‘quvchi", "სახელი და გვარი, სახელი გვარი, Անուն ազգանուն, Аты-жөні, Толық аты, F.I.Sh., To‘liq ism", "", "სახელი, Անուն, Аты, Ism", "გვარი, Ազգանուն, Тегі, Familiya", "ჯამი, სულ, Ընդամենը, Барлығы, Jami"}},
}

// headerWord is what a word of the dictionary means, and in which code pages it is written.
type headerWord struct {
	known       bool
	means       meaning
	pages       []codePage
	familyFirst bool
}

// familyFirst are the languages in which the family name comes first.
var familyFirst = []string{"Hungarian", "Chinese", "Traditional Chinese", "Japanese", "Korean", "Vietnamese"}

// headerWords has the dictionary by wordKey. Where languages disagree, the one that comes first in it counts.
var headerWords = func() map[string]headerWord {
	all := map[string]headerWord{}
	for _, language := range rosterWords {
		for means, list := range language.words {
			for word := range strings.SplitSeq(list, ", ") {
				key := wordKey(word)
				if key == "" {
					continue
				}
				entry, before := all[key]
				if !before {
					entry = headerWord{known: true, means: meaning(means), familyFirst: slices.Contains(familyFirst, language.of)}
				}
				if !slices.Contains(entry.pages, language.page) {
					entry.pages = append(entry.pages, language.page)
				}
				all[key] = entry
			}
		}
	}
	return all
}()

// wordKey is what of a word is compared: letters and digits, without case, with i for the dotless ı, and without accents
// where the word is long enough: “prenom” is prénom, but Ma is a family name, and “mã” is an id.
func wordKey(word string) string {
	folded := lettersOf(cases.Fold().String(norm.NFKC.String(word)))
	if utf8.RuneCountInString(folded) < 5 {
		return folded
	}
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36F {
			return -1
		}
		return r
	}, norm.NFKD.String(folded))
}

func lettersOf(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u0307': // what folding makes of İ
			return -1
		case r == 'ı':
			return 'i'
		case !unicode.In(r, unicode.L, unicode.M, unicode.N):
			return -1
		}
		return r
	}, text)
}
